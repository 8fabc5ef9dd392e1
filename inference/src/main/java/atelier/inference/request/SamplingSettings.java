package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.Samplers;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaSpacing;
import atelier.inference.sampler.schedule.TimestepSpacing;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * How a picture comes out of noise.
 *
 * @param steps of the schedule
 * @param sampler null takes the model's own scheduler
 * @param sigmaSchedule spacing of noise levels; null takes the sampler's own
 * @param spacing spacing of timesteps; null takes the sampler's own
 * @param guidanceScale how strongly the words pull; 1 turns guidance off
 * @param guidanceRescale share by which guidance's result is brought back to the unguided deviation
 * @param guidanceStart share of the steps before which guidance is off
 * @param guidanceEnd share of the steps after which guidance is off
 * @param clipSkip layers of the text encoder left out at the end
 * @param rng whose random numbers a seed stands for
 */
public record SamplingSettings(
        int steps,
        @Nullable SamplerKind sampler,
        @Nullable SigmaSpacing sigmaSchedule,
        @Nullable TimestepSpacing spacing,
        double guidanceScale,
        double guidanceRescale,
        double guidanceStart,
        double guidanceEnd,
        int clipSkip,
        NoiseKind rng) {

    public SamplingSettings {
        if (steps < 1) {
            throw new WrongCommandException("steps must be at least 1, got " + steps);
        }
        if (clipSkip < 0) {
            throw new WrongCommandException("clip_skip must be at least 0, got " + clipSkip);
        }
        // Checks itself.
        new GuidanceScale(guidanceScale, guidanceRescale, guidanceStart, guidanceEnd);
    }

    public GuidanceScale guidance() {
        return new GuidanceScale(guidanceScale, guidanceRescale, guidanceStart, guidanceEnd);
    }

    /**
     * The sampler that is meant: the one named, or the model's own.
     *
     * @param scheduler the model's scheduler_config.json
     */
    public SamplerKind kind(JsonNode scheduler) {
        if (sampler != null) {
            return sampler;
        }
        String name = scheduler.path("_class_name").asText("DDIMScheduler");
        return SamplerKind.ofConfig(scheduler)
                .orElseThrow(() -> new WrongCommandException("the model's own scheduler, " + name
                        + ", is none of the samplers here; choose one with sampler=, such as sampler=dpmpp_2m"));
    }

    /**
     * A sampler for one trajectory on a model with that scheduler_config.json.
     *
     * @param xl whether the model is of the XL family
     */
    public Sampler create(JsonNode scheduler, boolean xl) {
        SamplerKind kind = kind(scheduler);
        SchedulerConfig config =
                sampler == null ? SchedulerConfig.ownOf(kind, scheduler, xl) : SchedulerConfig.of(kind, scheduler, xl);
        if (sigmaSchedule != null) {
            config = config.with(sigmaSchedule);
        }
        if (spacing != null) {
            config = config.with(spacing);
        }
        return Samplers.create(kind, config, steps);
    }
}
