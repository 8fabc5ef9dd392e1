package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.NoiseLevels;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;

/** Euler's method on dx/dsigma = (x - denoised) / sigma (Karras et al., 2022, algorithm 2 without churn). */
final class EulerSampler extends SigmaSampler {
    EulerSampler(SchedulerConfig config, int steps) {
        super(config, steps);
        if (config.text("final_sigmas_type").equals("sigma_min")) {
            ladder().endAt(new NoiseLevels(config.schedule()).lowest());
        }
        if (!config.text("timestep_type").equals("discrete")) {
            throw new WrongCommandException(
                    "timestep_type in scheduler_config.json must be discrete, got " + config.text("timestep_type"));
        }
        if (!config.text("interpolation_type").equals("linear")) {
            throw new WrongCommandException("interpolation_type in scheduler_config.json must be linear, got "
                    + config.text("interpolation_type"));
        }
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(call);
        float[] slope = Steps.slope(latents, denoised(latents, output, sigma), sigma);
        return Steps.add(latents, ladder().sigma(call + 1) - sigma, slope);
    }
}
