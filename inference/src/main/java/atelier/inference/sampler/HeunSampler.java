package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;
import org.jspecify.annotations.Nullable;

/** Heun's method: the mean of the slopes at both ends of the step (Karras et al., 2022, algorithm 1). */
final class HeunSampler extends TwoCallSampler {
    private final float clipRange;
    private float @Nullable [] firstSlope;

    HeunSampler(SchedulerConfig config, int steps) {
        super(config, steps);
        clipRange = config.clipRange();
    }

    @Override
    float secondSigma(int step) {
        return ladder().sigma(step + 1);
    }

    @Override
    double secondTimestep(int step) {
        return ladder().timestep(step + 1);
    }

    @Override
    float[] first(int step, float[] denoised, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(step);
        float[] slope = Steps.slope(latents, Steps.clip(denoised, clipRange), sigma);
        firstSlope = slope;
        return Steps.add(latents, ladder().sigma(step + 1) - sigma, slope);
    }

    @Override
    float[] second(int step, float[] denoised, float[] start, float[] middle, SamplerNoise noise) {
        float next = ladder().sigma(step + 1);
        float[] slope = Steps.slope(middle, Steps.clip(denoised, clipRange), next);
        float[] before = firstSlope;
        if (before == null) {
            throw new IllegalStateException("the step was not begun");
        }
        for (int i = 0; i < slope.length; i++) {
            slope[i] = (before[i] + slope[i]) / 2;
        }
        return Steps.add(start, next - ladder().sigma(step), slope);
    }
}
