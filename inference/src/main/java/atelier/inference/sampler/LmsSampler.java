package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;
import java.util.ArrayList;
import java.util.List;

/** Linear multistep: the slopes of up to four steps, weighed by the integrals of their Lagrange polynomials. */
final class LmsSampler extends SigmaSampler {
    private static final int ORDER = 4;

    /** Slopes, newest first. */
    private final List<float[]> slopes = new ArrayList<>();

    LmsSampler(SchedulerConfig config, int steps) {
        super(config, steps);
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(call);
        slopes.add(0, Steps.slope(latents, denoised(latents, output, sigma), sigma));
        if (slopes.size() > ORDER) {
            slopes.remove(ORDER);
        }
        // The order follows the place in the schedule; a trajectory that starts late lacks older slopes and, as in
        // diffusers, goes on without them.
        int order = Math.min(call + 1, ORDER);
        float[] change = new float[latents.length];
        for (int j = 0; j < Math.min(order, slopes.size()); j++) {
            change = Steps.add(change, (float) coefficient(order, call, j), slopes.get(j));
        }
        return Steps.add(latents, 1, change);
    }

    /** The integral over the step of the polynomial that is 1 at sigma(call - j) and 0 at the others. */
    private double coefficient(int order, int call, int j) {
        double from = ladder().sigma(call);
        double to = ladder().sigma(call + 1);
        // Gauss-Legendre with three points integrates polynomials up to degree five exactly.
        double offset = Math.sqrt(0.6);
        double half = (to - from) / 2;
        double middle = (to + from) / 2;
        return half
                * (5 * basis(order, call, j, middle - half * offset)
                        + 8 * basis(order, call, j, middle)
                        + 5 * basis(order, call, j, middle + half * offset))
                / 9;
    }

    private double basis(int order, int call, int j, double sigma) {
        double product = 1;
        double own = ladder().sigma(call - j);
        for (int k = 0; k < order; k++) {
            if (k != j) {
                double other = ladder().sigma(call - k);
                product *= (sigma - other) / (own - other);
            }
        }
        return product;
    }
}
