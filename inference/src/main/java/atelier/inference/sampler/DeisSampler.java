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

/**
 * DEIS (Zhang and Chen, "Fast sampling of diffusion models with exponential integrator", 2022) with polynomials in the
 * logarithm of rho = sigma / alpha, of order 1 to 3.
 */
final class DeisSampler extends LadderSampler {
    private static final int SHORT = 15;

    private final NoiseSchedule schedule;
    private final int order;
    private final boolean lowerOrderFinal;
    /** Predicted noises, newest first. */
    private final List<float[]> noises = new ArrayList<>();

    DeisSampler(SchedulerConfig config, int steps) {
        super(SolverLadder.of(
                config,
                config.schedule(),
                steps,
                config.schedule().length(),
                true,
                SolverLadder.End.TRAINING_MINIMUM,
                SolverLadder.End.REPEAT));
        schedule = config.schedule();
        order = config.integer("solver_order");
        if (order < 1 || order > 3) {
            throw new WrongCommandException("solver_order in scheduler_config.json must be 1, 2 or 3, got " + order);
        }
        lowerOrderFinal = config.flag("lower_order_final") && steps < SHORT;
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int known = noises.size();
        noises.add(0, predictedNoise(call, output, latents));
        if (noises.size() > order) {
            noises.remove(order);
        }
        int allowed = Math.min(order, known + 1);
        if (lowerOrderFinal) {
            allowed = Math.min(allowed, Math.max(1, calls() - call));
        }
        return switch (allowed) {
            case 1 -> first(call, latents);
            case 2 -> second(call, latents);
            default -> third(call, latents);
        };
    }

    /** By way of the predicted sample, as diffusers does, so that rounding agrees. */
    private float[] predictedNoise(int call, float[] output, float[] latents) {
        float alpha = ladder.alpha(call);
        float sigma = ladder.sigma(call);
        float[] sample = Prediction.sample(schedule.prediction(), latents, output, alpha, sigma);
        float[] noise = new float[sample.length];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (latents[i] - alpha * sample[i]) / sigma;
        }
        return noise;
    }

    private float[] first(int i, float[] x) {
        float h = ladder.lambda(i + 1) - ladder.lambda(i);
        return Steps.combine(
                ladder.alpha(i + 1) / ladder.alpha(i), x, -(ladder.sigma(i + 1) * (Steps.exp(h) - 1)), noises.get(0));
    }

    private float[] second(int i, float[] x) {
        double t = rho(i + 1);
        double s0 = rho(i);
        double s1 = rho(i - 1);
        return assemble(
                i, x, integral(t, s0, s1) - integral(s0, s0, s1), integral(t, s1, s0) - integral(s0, s1, s0), 0);
    }

    private float[] third(int i, float[] x) {
        double t = rho(i + 1);
        double s0 = rho(i);
        double s1 = rho(i - 1);
        double s2 = rho(i - 2);
        return assemble(
                i,
                x,
                integral(t, s0, s1, s2) - integral(s0, s0, s1, s2),
                integral(t, s1, s2, s0) - integral(s0, s1, s2, s0),
                integral(t, s2, s0, s1) - integral(s0, s2, s0, s1));
    }

    private float[] assemble(int i, float[] x, double c0, double c1, double c2) {
        float alpha = ladder.alpha(i);
        float next = ladder.alpha(i + 1);
        float[] result = new float[x.length];
        for (int k = 0; k < result.length; k++) {
            float sum = x[k] / alpha + (float) c0 * noises.get(0)[k] + (float) c1 * noises.get(1)[k];
            if (c2 != 0) {
                sum += (float) c2 * noises.get(2)[k];
            }
            result[k] = next * sum;
        }
        return result;
    }

    private double rho(int step) {
        return ladder.sigma(step) / ladder.alpha(step);
    }

    /** Antiderivative in t of the Lagrange polynomial in log t that is 1 at b and 0 at c. */
    private static double integral(double t, double b, double c) {
        return t * (-Math.log(c) + Math.log(t) - 1) / (Math.log(b) - Math.log(c));
    }

    /** Antiderivative in t of the Lagrange polynomial in log t that is 1 at b and 0 at c and d. */
    private static double integral(double t, double b, double c, double d) {
        double lt = Math.log(t);
        double lb = Math.log(b);
        double lc = Math.log(c);
        double ld = Math.log(d);
        return t * (lc * (ld - lt + 1) - ld * lt + ld + lt * lt - 2 * lt + 2) / ((lb - lc) * (lb - ld));
    }
}
