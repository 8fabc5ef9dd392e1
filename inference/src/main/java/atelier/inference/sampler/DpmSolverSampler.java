package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.NoiseLevels;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SolverLadder;
import atelier.inference.sampler.schedule.Steps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * DPM-Solver++ with several steps' predictions (Lu et al., "DPM-Solver++: fast solver for guided sampling of diffusion
 * probabilistic models", 2022), of order 1 to 3, deterministic or as the stochastic differential equation. It starts with
 * a step of first order and, in short trajectories, ends with lower orders again.
 */
final class DpmSolverSampler extends LadderSampler {
    /** Below so many steps the last ones take lower orders. */
    private static final int SHORT = 15;

    private final NoiseSchedule schedule;
    private final int order;
    private final boolean stochastic;
    private final boolean heun;
    private final boolean lowerOrderFinal;
    private final boolean firstOrderFinal;
    /** Predicted samples, newest first, at most {@link #order}. */
    private final Deque<float[]> predictions = new ArrayDeque<>();

    DpmSolverSampler(SchedulerConfig config, int steps, boolean stochastic) {
        super(ladder(config, steps));
        schedule = config.schedule();
        order = config.integer("solver_order");
        if (order < 1 || order > 3) {
            throw new WrongCommandException("solver_order in scheduler_config.json must be 1, 2 or 3, got " + order);
        }
        this.stochastic = stochastic;
        heun = config.text("solver_type").equals("heun");
        lowerOrderFinal = config.flag("lower_order_final");
        firstOrderFinal = config.flag("euler_at_final") || endsAtZero(config) || (lowerOrderFinal && isShort());
    }

    private static boolean endsAtZero(SchedulerConfig config) {
        return config.text("final_sigmas_type").equals("zero");
    }

    private static SolverLadder ladder(SchedulerConfig config, int steps) {
        SolverLadder.End last = endsAtZero(config) ? SolverLadder.End.ZERO : SolverLadder.End.TRAINING_MINIMUM;
        double lambdaMin = config.number("lambda_min_clipped", Double.NEGATIVE_INFINITY);
        return SolverLadder.of(
                config,
                config.schedule(),
                steps,
                unclipped(config.schedule(), lambdaMin),
                !config.text("beta_schedule").equals("squaredcos_cap_v2"),
                last,
                last);
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int known = predictions.size();
        predictions.addFirst(
                Prediction.sample(schedule.prediction(), latents, output, ladder.alpha(call), ladder.sigma(call)));
        if (predictions.size() > order) {
            predictions.removeLast();
        }
        boolean last = call == calls() - 1;
        boolean lastButOne = call == calls() - 2;
        float[] fresh = stochastic ? noise.next() : new float[0];
        if (order == 1 || known < 1 || (last && firstOrderFinal)) {
            return first(call, latents, fresh);
        }
        if (order == 2 || known < 2 || (lastButOne && lowerOrderFinal && isShort())) {
            return second(call, latents, fresh);
        }
        return third(call, latents, fresh);
    }

    private float[] first(int i, float[] x, float[] noise) {
        float h = ladder.lambda(i + 1) - ladder.lambda(i);
        return assemble(i, h, x, prediction(0), new float[0], 0, new float[0], 0, noise);
    }

    private float[] second(int i, float[] x, float[] noise) {
        float h = ladder.lambda(i + 1) - ladder.lambda(i);
        float r0 = (ladder.lambda(i) - ladder.lambda(i - 1)) / h;
        float[] d1 = difference(prediction(0), prediction(1), 1 / r0);
        float alpha = ladder.alpha(i + 1);
        float factor;
        if (stochastic) {
            factor = heun ? alpha * ((1 - Steps.exp(-2 * h)) / (-2 * h) + 1) : 0.5f * (alpha * (1 - Steps.exp(-2 * h)));
        } else {
            factor = heun ? alpha * ((Steps.exp(-h) - 1) / h + 1) : -0.5f * (alpha * (Steps.exp(-h) - 1));
        }
        return assemble(i, h, x, prediction(0), d1, factor, new float[0], 0, noise);
    }

    private float[] third(int i, float[] x, float[] noise) {
        float h = ladder.lambda(i + 1) - ladder.lambda(i);
        float r0 = (ladder.lambda(i) - ladder.lambda(i - 1)) / h;
        float r1 = (ladder.lambda(i - 1) - ladder.lambda(i - 2)) / h;
        float[] d10 = difference(prediction(0), prediction(1), 1 / r0);
        float[] d11 = difference(prediction(1), prediction(2), 1 / r1);
        float[] gap = difference(d10, d11, 1);
        float[] d1 = Steps.add(d10, r0 / (r0 + r1), gap);
        float[] d2 = new float[gap.length];
        for (int k = 0; k < d2.length; k++) {
            d2[k] = (1 / (r0 + r1)) * gap[k];
        }
        float alpha = ladder.alpha(i + 1);
        float f1;
        float f2;
        if (stochastic) {
            float e = 1 - Steps.exp(-2 * h);
            f1 = alpha * (e / (-2 * h) + 1);
            f2 = alpha * ((e - 2 * h) / ((2 * h) * (2 * h)) - 0.5f);
        } else {
            float e = Steps.exp(-h) - 1;
            f1 = alpha * (e / h + 1);
            f2 = -(alpha * ((e + h) / (h * h) - 0.5f));
        }
        return assemble(i, h, x, prediction(0), d1, f1, d2, f2, noise);
    }

    /** The parts that all orders have: the sample carried over, the newest prediction, the noise; and d1 and d2. */
    private float[] assemble(
            int i, float h, float[] x, float[] m0, float[] d1, float f1, float[] d2, float f2, float[] noise) {
        float sigma = ladder.sigma(i + 1);
        float alpha = ladder.alpha(i + 1);
        float ratio = sigma / ladder.sigma(i);
        float keep = stochastic ? ratio * Steps.exp(-h) : ratio;
        float gain = stochastic ? alpha * (1 - Steps.exp(-2 * h)) : -(alpha * (Steps.exp(-h) - 1));
        float spread = stochastic ? sigma * Steps.sqrt(1 - Steps.exp(-2 * h)) : 0;
        float[] next = new float[x.length];
        for (int k = 0; k < next.length; k++) {
            float value = keep * x[k] + gain * m0[k];
            if (d1.length > 0) {
                value += f1 * d1[k];
            }
            if (d2.length > 0) {
                value += f2 * d2[k];
            }
            next[k] = stochastic ? value + spread * noise[k] : value;
        }
        return next;
    }

    private float[] prediction(int back) {
        Iterator<float[]> newestFirst = predictions.iterator();
        for (int i = 0; i < back; i++) {
            newestFirst.next();
        }
        return newestFirst.next();
    }

    private static float[] difference(float[] newer, float[] older, float factor) {
        float[] difference = new float[newer.length];
        for (int k = 0; k < difference.length; k++) {
            difference[k] = factor * (newer[k] - older[k]);
        }
        return difference;
    }

    private boolean isShort() {
        return ladder.steps() < SHORT;
    }

    /** The number of training steps whose lambda is at least the bound: the cosine schedule's noisy end has less. */
    private static int unclipped(NoiseSchedule schedule, double lambdaMin) {
        float[] bars = NoiseLevels.alphaBars(schedule);
        int last = bars.length;
        while (last > 0
                && Steps.log(Steps.sqrt(bars[last - 1])) - Steps.log(Steps.sqrt(1 - bars[last - 1])) < lambdaMin) {
            last--;
        }
        return last;
    }
}
