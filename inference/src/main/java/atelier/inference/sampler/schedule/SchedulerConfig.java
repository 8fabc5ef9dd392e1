package atelier.inference.sampler.schedule;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.NoiseSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The configuration of one scheduler: every key that diffusers' class of that kind knows, with the model's value where
 * its scheduler_config.json gives one and the class's default where not, as {@code Class.from_config} does.
 *
 * <p>Two values are those that diffusers' pipelines of Stable Diffusion 1 and 2 insist on, whatever the model's file says:
 * steps_offset 1 and clip_sample false (StableDiffusionPipeline.__init__). StableDiffusionXLPipeline insists on nothing: for
 * XL the file counts as it is.
 */
public final class SchedulerConfig {
    private static final String DEFAULTS = "schedulers.json";

    private final ObjectNode values;

    private SchedulerConfig(ObjectNode values) {
        this.values = values;
    }

    /**
     * A scheduler chosen by name on a model: keys that the model's file lacks take the chosen class's defaults.
     *
     * @param model a model's scheduler_config.json
     * @param xl whether the model is of the XL family
     * @throws WrongCommandException if the model asks for something that no sampler here does
     */
    public static SchedulerConfig of(SamplerKind kind, JsonNode model, boolean xl) {
        return of(kind, model, xl, false);
    }

    /** The model's own scheduler, for {@code kind} = {@link SamplerKind#ofConfig}. */
    public static SchedulerConfig ownOf(SamplerKind kind, JsonNode model, boolean xl) {
        return of(kind, model, xl, true);
    }

    private static SchedulerConfig of(SamplerKind kind, JsonNode model, boolean xl, boolean own) {
        ObjectNode merged = defaults(kind.scheduler());
        merged.fieldNames().forEachRemaining(key -> {
            JsonNode given = model.get(key);
            if (given != null) {
                merged.set(key, given);
            }
            if (!xl && (own || given != null)) {
                insist(merged, key);
            }
        });
        if (own) {
            OwnSettings.check(kind, merged);
        }
        SchedulerConfig config = new SchedulerConfig(merged);
        config.refuse("thresholding");
        config.refuse("use_flow_sigmas");
        config.refuse("use_lu_lambdas");
        config.refuse("use_dynamic_shifting");
        return config;
    }

    private static void insist(ObjectNode values, String key) {
        if (key.equals("steps_offset")) {
            values.put(key, 1);
        } else if (key.equals("clip_sample")) {
            values.put(key, false);
        }
    }

    /** The same with other spacing of noise levels, if this scheduler has a choice. */
    public SchedulerConfig with(SigmaSpacing spacing) {
        ObjectNode changed = values.deepCopy();
        for (SigmaSpacing each : SigmaSpacing.values()) {
            String key = each.configKey();
            if (key == null) {
                continue;
            }
            if (changed.has(key)) {
                changed.put(key, each == spacing);
            } else if (each == spacing) {
                throw new WrongCommandException(
                        "sigma_schedule=" + spacing.key()
                                + " is not known to this sampler; it takes its noise levels from timesteps, use sigma_schedule=plain");
            }
        }
        return new SchedulerConfig(changed);
    }

    /** The same with other spacing of timesteps. */
    public SchedulerConfig with(TimestepSpacing spacing) {
        ObjectNode changed = values.deepCopy();
        changed.put("timestep_spacing", spacing.key());
        return new SchedulerConfig(changed);
    }

    public NoiseSchedule schedule() {
        return new NoiseSchedule(NoiseSettings.of(values));
    }

    public SigmaSpacing sigmaSpacing() {
        SigmaSpacing chosen = SigmaSpacing.PLAIN;
        for (SigmaSpacing spacing : SigmaSpacing.values()) {
            String key = spacing.configKey();
            if (key != null && values.path(key).asBoolean(false)) {
                if (chosen != SigmaSpacing.PLAIN) {
                    throw new WrongCommandException(
                            "scheduler_config.json sets both " + chosen.configKey() + " and " + key + "; keep one");
                }
                chosen = spacing;
            }
        }
        return chosen;
    }

    public TimestepSpacing timestepSpacing() {
        return TimestepSpacing.of(text("timestep_spacing"));
    }

    public int stepsOffset() {
        return integer("steps_offset");
    }

    /** The bound of predicted samples; infinite without clipping. */
    public float clipRange() {
        return flag("clip_sample") ? (float) number("clip_sample_range") : Float.POSITIVE_INFINITY;
    }

    public boolean flag(String key) {
        return values.path(key).asBoolean(false);
    }

    public String text(String key) {
        return required(key).asText();
    }

    public int integer(String key) {
        return (int) number(key);
    }

    public double number(String key) {
        JsonNode value = required(key);
        if (!value.isNumber()) {
            throw new WrongCommandException(key + " in scheduler_config.json must be a number, got " + value);
        }
        // diffusers' own default for this bound, which then bounds nothing.
        boolean infinite = key.equals("lambda_min_clipped") && value.doubleValue() == Double.NEGATIVE_INFINITY;
        if (!infinite && !Double.isFinite(value.doubleValue())) {
            throw new WrongCommandException(key + " in scheduler_config.json must be a finite number, got " + value);
        }
        return value.doubleValue();
    }

    /** The number, or {@code absent} if the key is unknown or null. */
    public double number(String key, double absent) {
        JsonNode value = values.path(key);
        return value.isNull() || value.isMissingNode() ? absent : number(key);
    }

    private JsonNode required(String key) {
        JsonNode value = values.get(key);
        if (value == null) {
            throw new WrongCommandException("scheduler_config.json lacks " + key + "; copy it from the model's source");
        }
        return value;
    }

    private void refuse(String key) {
        if (flag(key)) {
            throw new WrongCommandException("scheduler_config.json sets " + key
                    + ", which does not suit latent diffusion and is not supported; set it to false");
        }
    }

    private static ObjectNode defaults(String scheduler) {
        try (InputStream in = SchedulerConfig.class.getResourceAsStream(DEFAULTS)) {
            JsonNode node = new ObjectMapper().readTree(in).get(scheduler);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalStateException(DEFAULTS + " lacks " + scheduler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
