package atelier.inference.sampler;

import atelier.inference.sampler.noise.BrownianNoise;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.Steps;
import org.jspecify.annotations.Nullable;

/**
 * DPM-Solver++ with one step's predictions for the stochastic differential equation (k-diffusion's dpmpp_sde): half a
 * step, then the whole from the prediction there, with the increments of a Brownian path.
 */
final class DpmSdeSampler extends TwoCallSampler {
    private @Nullable BrownianNoise path;

    DpmSdeSampler(SchedulerConfig config, int steps) {
        super(config, steps);
    }

    @Override
    float secondSigma(int step) {
        return Steps.exp(-middle(step));
    }

    @Override
    double secondTimestep(int step) {
        double from = -Math.log(ladder().exactSigma(step));
        double to = -Math.log(ladder().exactSigma(step + 1));
        return ladder().timestepOf(Math.exp(-(from + (to - from) * 0.5)));
    }

    @Override
    float[] first(int step, float[] denoised, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(step);
        if (ladder().sigma(step + 1) == 0) {
            return Steps.add(latents, -sigma, Steps.slope(latents, denoised, sigma));
        }
        return go(step, middle(step), denoised, latents, noise);
    }

    @Override
    float[] second(int step, float[] denoised, float[] start, float[] middle, SamplerNoise noise) {
        return go(step, -Steps.log(ladder().sigma(step + 1)), denoised, start, noise);
    }

    /** From the step's beginning to minus log sigma = {@code to}, by way of a lower level and fresh noise. */
    private float[] go(int step, float to, float[] denoised, float[] x, SamplerNoise noise) {
        float t = -Steps.log(ladder().sigma(step));
        float sigmaFrom = Steps.exp(-t);
        float sigmaTo = Steps.exp(-to);
        float up = Math.min(sigmaTo, SigmaLadder.up(sigmaFrom, sigmaTo));
        float ancestral = -Steps.log(SigmaLadder.down(sigmaTo, up));
        float keep = Steps.exp(-ancestral) / sigmaFrom;
        float gain = -Steps.expm1(t - ancestral);
        return Steps.add(Steps.combine(keep, x, gain, denoised), up, path(noise).between(sigmaFrom, sigmaTo));
    }

    private float middle(int step) {
        float t = -Steps.log(ladder().sigma(step));
        float next = -Steps.log(ladder().sigma(step + 1));
        return t + (next - t) * 0.5f;
    }

    private BrownianNoise path(SamplerNoise noise) {
        BrownianNoise known = path;
        if (known == null) {
            known = noise.brownian(ladder().lowest(), ladder().sigma(0));
            path = known;
        }
        return known;
    }
}
