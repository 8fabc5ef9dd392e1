package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.Steps;

/** Euler's method that goes down further than asked and comes back with fresh noise (k-diffusion). */
final class EulerAncestralSampler extends SigmaSampler {
    EulerAncestralSampler(SchedulerConfig config, int steps) {
        super(config, steps);
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(call);
        float next = ladder().sigma(call + 1);
        float up = SigmaLadder.up(sigma, next);
        float down = SigmaLadder.down(next, up);
        float[] slope = Steps.slope(latents, denoised(latents, output, sigma), sigma);
        return Steps.add(Steps.add(latents, down - sigma, slope), up, noise.next());
    }
}
