package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;

/**
 * DPM-Solver-2 (Lu et al., "DPM-Solver", 2022) as k-diffusion writes it: the slope at the geometric mean of the step's two
 * noise levels leads over the whole step.
 */
final class Dpm2Sampler extends TwoCallSampler {
    Dpm2Sampler(SchedulerConfig config, int steps) {
        super(config, steps, true);
    }

    @Override
    float secondSigma(int step) {
        return middle(ladder().sigma(step), ladder().sigma(step + 1));
    }

    @Override
    double secondTimestep(int step) {
        return ladder().timestepOf(secondSigma(step));
    }

    @Override
    float[] first(int step, float[] denoised, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(step);
        return Steps.add(latents, secondSigma(step) - sigma, Steps.slope(latents, denoised, sigma));
    }

    @Override
    float[] second(int step, float[] denoised, float[] start, float[] middle, SamplerNoise noise) {
        float[] slope = Steps.slope(middle, denoised, secondSigma(step));
        return Steps.add(start, ladder().sigma(step + 1) - ladder().sigma(step), slope);
    }

    /** The geometric mean, 0 if the lower level is 0. */
    static float middle(float sigma, float lower) {
        float log = Steps.log(sigma);
        return Steps.exp(log - 0.5f * (log - Steps.log(lower)));
    }
}
