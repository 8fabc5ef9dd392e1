package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SolverLadder;
import atelier.inference.sampler.schedule.Steps;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * UniPC (Zhao et al., "UniPC: a unified predictor-corrector framework for fast sampling of diffusion models", 2023): each
 * step is predicted from the model's last outputs, and corrected at the next call by the output found there, which costs no
 * further call.
 */
final class UniPcSampler extends LadderSampler {
    private final NoiseSchedule schedule;
    private final int order;
    private final boolean predictSample;
    private final boolean bh1;
    private final boolean lowerOrderFinal;
    /** Predicted samples (or noises), newest first. */
    private final List<float[]> predictions = new ArrayList<>();

    private float @Nullable [] lastLatents;
    private int lastOrder;

    UniPcSampler(SchedulerConfig config, int steps) {
        super(ladder(config, steps));
        schedule = config.schedule();
        order = config.integer("solver_order");
        if (order < 1) {
            throw new WrongCommandException("solver_order in scheduler_config.json must be at least 1, got " + order);
        }
        predictSample = config.flag("predict_x0");
        bh1 = config.text("solver_type").equals("bh1");
        lowerOrderFinal = config.flag("lower_order_final");
    }

    private static SolverLadder ladder(SchedulerConfig config, int steps) {
        boolean zero = config.text("final_sigmas_type").equals("zero");
        return SolverLadder.of(
                config,
                config.schedule(),
                steps,
                config.schedule().length(),
                true,
                zero ? SolverLadder.End.ZERO : SolverLadder.End.TRAINING_MINIMUM,
                zero ? SolverLadder.End.ZERO : SolverLadder.End.REPEAT);
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int known = predictions.size();
        float alpha = ladder.alpha(call);
        float sigma = ladder.sigma(call);
        float[] prediction = predictSample
                ? Prediction.sample(schedule.prediction(), latents, output, alpha, sigma)
                : Prediction.noise(schedule.prediction(), latents, output, alpha, sigma);
        float[] corrected = latents;
        float[] last = lastLatents;
        if (last != null) {
            corrected = advance(call - 1, last, lastOrder, prediction);
        }
        predictions.add(0, prediction);
        if (predictions.size() > order) {
            predictions.remove(order);
        }
        lastOrder = Math.min(lowerOrderFinal ? Math.min(order, calls() - call) : order, known + 1);
        lastLatents = corrected;
        return advance(call, corrected, lastOrder, null);
    }

    /**
     * The latents at the end of a step from those at its beginning.
     *
     * @param reached the prediction at the step's end, for the corrector; null for the predictor
     */
    private float[] advance(int i, float[] x, int p, float @Nullable [] reached) {
        float lambda = ladder.lambda(i);
        float h = ladder.lambda(i + 1) - lambda;
        float hh = predictSample ? -h : h;
        float phi1 = Steps.expm1(hh);
        float b = bh1 ? hh : phi1;
        float[] m0 = predictions.get(0);

        float[] ratios = new float[p];
        for (int k = 1; k < p; k++) {
            ratios[k - 1] = (ladder.lambda(i - k) - lambda) / h;
        }
        ratios[p - 1] = 1;
        double[] weights = weights(p, ratios, hh, b, reached != null);

        float keep = predictSample ? ladder.sigma(i + 1) / ladder.sigma(i) : ladder.alpha(i + 1) / ladder.alpha(i);
        float scale = predictSample ? ladder.alpha(i + 1) : ladder.sigma(i + 1);
        float[] result = new float[x.length];
        for (int e = 0; e < result.length; e++) {
            float change = 0;
            for (int k = 1; k < p; k++) {
                change += (float) weights[k - 1] * ((predictions.get(k)[e] - m0[e]) / ratios[k - 1]);
            }
            if (reached != null) {
                change += (float) weights[p - 1] * (reached[e] - m0[e]);
            }
            result[e] = keep * x[e] - scale * phi1 * m0[e] - scale * b * change;
        }
        return result;
    }

    /** The weights of the differences to older outputs, and, correcting, to the one at the end (the paper's rho). */
    private static double[] weights(int p, float[] ratios, float hh, float b, boolean correcting) {
        if (correcting ? p == 1 : p == 2) {
            return new double[] {0.5};
        }
        int unknowns = correcting ? p : p - 1;
        double[][] matrix = new double[unknowns][unknowns];
        double[] right = new double[unknowns];
        float phi = Steps.expm1(hh) / hh - 1;
        int factorial = 1;
        for (int row = 0; row < unknowns; row++) {
            for (int column = 0; column < unknowns; column++) {
                matrix[row][column] = Math.pow(ratios[column], row);
            }
            right[row] = phi * factorial / b;
            factorial *= row + 2;
            phi = phi / hh - 1f / factorial;
        }
        return solve(matrix, right);
    }

    /** Gaussian elimination with pivots, for the few unknowns there are. */
    private static double[] solve(double[][] a, double[] b) {
        int n = b.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                if (Math.abs(a[row][column]) > Math.abs(a[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = a[column];
            a[column] = a[pivot];
            a[pivot] = swapped;
            double value = b[column];
            b[column] = b[pivot];
            b[pivot] = value;
            for (int row = column + 1; row < n; row++) {
                double factor = a[row][column] / a[column][column];
                for (int k = column; k < n; k++) {
                    a[row][k] -= factor * a[column][k];
                }
                b[row] -= factor * b[column];
            }
        }
        for (int row = n - 1; row >= 0; row--) {
            for (int k = row + 1; k < n; k++) {
                b[row] -= a[row][k] * b[k];
            }
            b[row] /= a[row][row];
        }
        return b;
    }
}
