package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;

/**
 * Latent consistency models (Luo et al., 2023): each call predicts the clean sample, which is noised again to the next
 * level. The steps are chosen among those that the model was distilled on.
 */
final class LcmSampler extends DiscreteSampler {
    private static final float SIGMA_DATA = 0.5f;

    private final float clipRange;
    private final float timestepScaling;

    LcmSampler(SchedulerConfig config, int steps) {
        super(config.schedule(), timesteps(config, steps));
        clipRange = config.clipRange();
        timestepScaling = (float) config.number("timestep_scaling");
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        NoiseSchedule schedule = schedule();
        int t = (int) timestep(call);
        float bar = schedule.alphaBar(t);
        float[] sample =
                Prediction.sample(schedule.prediction(), latents, output, Steps.sqrt(bar), Steps.sqrt(1 - bar));
        float scaled = t * timestepScaling;
        float square = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
        float skip = SIGMA_DATA * SIGMA_DATA / square;
        float out = scaled / Steps.sqrt(square);
        float[] denoised = Steps.combine(out, Steps.clip(sample, clipRange), skip, latents);
        if (call == calls() - 1) {
            return denoised;
        }
        return schedule.addNoise(denoised, noise.next(), (int) timestep(call + 1));
    }

    private static double[] timesteps(SchedulerConfig config, int steps) {
        int original = config.integer("original_inference_steps");
        if (steps > original) {
            throw new WrongCommandException("steps must be at most " + original
                    + " with sampler=lcm (original_inference_steps of the model's schedule), got " + steps);
        }
        int stride = config.integer("num_train_timesteps") / original;
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            int index = (int) Math.floor(i * ((double) original / steps));
            timesteps[i] = (double) (original - index) * stride - 1;
        }
        return timesteps;
    }
}
