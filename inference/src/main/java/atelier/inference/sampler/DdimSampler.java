package atelier.inference.sampler;

import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;

/**
 * DDIM (Song et al., "Denoising diffusion implicit models", 2020, formula 12): the predicted sample and the predicted
 * noise are put together again at the next noise level; eta > 0 replaces a part of that noise by fresh noise.
 */
final class DdimSampler extends DiscreteSampler {
    private final float clipRange;
    private final float finalAlphaBar;
    private final float eta;
    private final int stride;

    DdimSampler(SchedulerConfig config, int steps, double eta) {
        super(config, steps);
        NoiseSchedule schedule = schedule();
        clipRange = config.clipRange();
        finalAlphaBar = config.flag("set_alpha_to_one") ? 1 : schedule.alphaBar(0);
        stride = schedule.length() / steps;
        this.eta = (float) eta;
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int t = (int) timestep(call);
        float bar = schedule().alphaBar(t);
        float next = t - stride >= 0 ? schedule().alphaBar(t - stride) : finalAlphaBar;
        float alpha = Steps.sqrt(bar);
        float sigma = Steps.sqrt(1 - bar);

        float[] sample = Prediction.sample(schedule().prediction(), latents, output, alpha, sigma);
        float[] predictedNoise = Prediction.noise(schedule().prediction(), latents, output, alpha, sigma);
        float variance = ((1 - next) / (1 - bar)) * (1 - bar / next);
        float deviation = eta * Steps.sqrt(variance);
        float direction = Steps.sqrt(1 - next - deviation * deviation);
        float[] result = Steps.combine(Steps.sqrt(next), Steps.clip(sample, clipRange), direction, predictedNoise);
        return eta > 0 ? Steps.add(result, deviation, noise.next()) : result;
    }
}
