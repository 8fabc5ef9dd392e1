package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;

/** DDPM (Ho et al., "Denoising diffusion probabilistic models", 2020, formula 7), on any subset of the steps. */
final class DdpmSampler extends DiscreteSampler {
    private static final float LEAST_VARIANCE = 1e-20f;

    private final float clipRange;
    private final String varianceType;

    DdpmSampler(SchedulerConfig config, int steps) {
        super(config, steps);
        clipRange = config.clipRange();
        varianceType = config.text("variance_type");
        if (!varianceType.startsWith("fixed_")) {
            throw new WrongCommandException(
                    "variance_type in scheduler_config.json must be fixed_small, fixed_small_log or fixed_large, got "
                            + varianceType);
        }
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        NoiseSchedule schedule = schedule();
        int t = (int) timestep(call);
        float bar = schedule.alphaBar(t);
        float next = call + 1 < calls() ? schedule.alphaBar((int) timestep(call + 1)) : 1;
        float alpha = bar / next;
        float beta = 1 - alpha;

        float[] sample =
                Prediction.sample(schedule.prediction(), latents, output, Steps.sqrt(bar), Steps.sqrt(1 - bar));
        float sampleFactor = Steps.sqrt(next) * beta / (1 - bar);
        float latentsFactor = Steps.sqrt(alpha) * (1 - next) / (1 - bar);
        float[] mean = Steps.combine(sampleFactor, Steps.clip(sample, clipRange), latentsFactor, latents);
        return t == 0 ? mean : Steps.add(mean, deviation(bar, next, beta), noise.next());
    }

    private float deviation(float bar, float next, float beta) {
        float small = Math.max((1 - next) / (1 - bar) * beta, LEAST_VARIANCE);
        return Steps.sqrt(varianceType.startsWith("fixed_large") ? beta : small);
    }
}
