package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.Steps;

/** {@link Dpm2Sampler} that goes down further than asked and comes back with fresh noise. */
final class Dpm2AncestralSampler extends TwoCallSampler {
    Dpm2AncestralSampler(SchedulerConfig config, int steps) {
        super(config, steps, true);
    }

    @Override
    float secondSigma(int step) {
        return isLast(step) ? 0 : Dpm2Sampler.middle(ladder().sigma(step), down(step));
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
        float[] down = Steps.add(start, down(step) - ladder().sigma(step), slope);
        return Steps.add(down, SigmaLadder.up(ladder().sigma(step), ladder().sigma(step + 1)), noise.next());
    }

    private float down(int step) {
        float next = ladder().sigma(step + 1);
        return SigmaLadder.down(next, SigmaLadder.up(ladder().sigma(step), next));
    }
}
