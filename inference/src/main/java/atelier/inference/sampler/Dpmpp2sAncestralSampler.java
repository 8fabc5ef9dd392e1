package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.Steps;

/** DPM-Solver++(2S) that goes down further than asked and comes back with fresh noise (k-diffusion). */
final class Dpmpp2sAncestralSampler extends TwoCallSampler {
    Dpmpp2sAncestralSampler(SchedulerConfig config, int steps) {
        super(config, steps);
    }

    /** k-diffusion starts from the highest level whatever the spacing. */
    @Override
    public float initialScale() {
        return ladder().sigma(0);
    }

    @Override
    float secondSigma(int step) {
        return Steps.exp(-middle(step));
    }

    @Override
    double secondTimestep(int step) {
        return ladder().timestepOf(secondSigma(step));
    }

    @Override
    float[] first(int step, float[] denoised, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(step);
        if (isLast(step)) {
            return Steps.add(latents, -sigma, Steps.slope(latents, denoised, sigma));
        }
        float keep = secondSigma(step) / Steps.exp(Steps.log(sigma));
        return Steps.combine(keep, latents, -Steps.expm1(-(h(step) * 0.5f)), denoised);
    }

    @Override
    float[] second(int step, float[] denoised, float[] start, float[] middle, SamplerNoise noise) {
        float keep = Steps.exp(Steps.log(down(step))) / Steps.exp(Steps.log(ladder().sigma(step)));
        float[] down = Steps.combine(keep, start, -Steps.expm1(-h(step)), denoised);
        return Steps.add(down, up(step), noise.next());
    }

    /** The step's length in minus log sigma. */
    private float h(int step) {
        return -Steps.log(down(step)) + Steps.log(ladder().sigma(step));
    }

    private float middle(int step) {
        return -Steps.log(ladder().sigma(step)) + 0.5f * h(step);
    }

    private float up(int step) {
        float next = ladder().sigma(step + 1);
        return Math.min(next, SigmaLadder.up(ladder().sigma(step), next));
    }

    private float down(int step) {
        return SigmaLadder.down(ladder().sigma(step + 1), up(step));
    }
}
