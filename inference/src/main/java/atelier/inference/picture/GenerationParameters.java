package atelier.inference.picture;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that makes a picture again, as it travels inside the picture. Keys are named as the command's. Files stand by name
 * and digest, never by path: a picture tells nobody how its maker's folders are called.
 *
 * @param prompt the words
 * @param negativePrompt the words to stay away from; empty for none
 * @param seed of this picture
 * @param steps of the schedule
 * @param guidanceScale 1 and less means no guidance
 * @param guidanceRescale 0 for none
 * @param guidanceStart share of the steps before which guidance is off
 * @param guidanceEnd share of the steps after which guidance is off
 * @param sampler by our name
 * @param ownScheduler whether it is the model's own scheduler with the model's own settings
 * @param sigmas spacing of noise levels; null for the sampler's own
 * @param spacing spacing of timesteps; null for the sampler's own
 * @param width in pixels
 * @param height in pixels
 * @param clipSkip layers of the text encoder left out at the end
 * @param noise generator of the noise: torch or cuda
 * @param model name of the model's file or folder; older pictures have its path
 * @param modelHash first ten digits of a SHA-256 of its UNet's weights; null where it was not taken
 * @param dtype number format that the networks ran in
 * @param adapters with their weights
 * @param image name of the picture that was started from; null for none
 * @param imageSha256 of that file; null where it was not taken
 * @param mask name of the mask of the part that was painted anew; null for none
 * @param maskSha256 of that file; null where it was not taken
 * @param strength share of the steps that ran on the picture started from; null for none
 * @param hiresScale factor of the second pass; null for none
 * @param hiresStrength share of the steps in the second pass; null for none
 * @param embeddings textual inversions that prompts may use
 * @param watermark whether the invisible watermark was wanted; null where that is not known
 * @param safety what a checker said of the picture; null where none looked
 * @param software that made it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GenerationParameters(
        String prompt,
        String negativePrompt,
        long seed,
        int steps,
        double guidanceScale,
        double guidanceRescale,
        double guidanceStart,
        double guidanceEnd,
        String sampler,
        boolean ownScheduler,
        @Nullable String sigmas,
        @Nullable String spacing,
        int width,
        int height,
        int clipSkip,
        String noise,
        String model,
        @Nullable String modelHash,
        String dtype,
        List<AdapterUse> adapters,
        @Nullable String image,
        @Nullable String imageSha256,
        @Nullable String mask,
        @Nullable String maskSha256,
        @Nullable Double strength,
        @Nullable Double hiresScale,
        @Nullable Double hiresStrength,
        List<EmbeddingUse> embeddings,
        @Nullable Boolean watermark,
        @Nullable SafetyNote safety,
        String software) {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public GenerationParameters {
        adapters = List.copyOf(adapters);
        // Pictures of the first version do not say.
        embeddings = List.copyOf(Objects.requireNonNullElse(embeddings, List.of()));
    }

    /**
     * A textual inversion that prompts may use.
     *
     * @param file its name; older pictures have its path
     * @param token what stands for it in prompts
     * @param sha256 of the file; null where it was not taken
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record EmbeddingUse(
            String file, @Nullable String token, @Nullable String sha256) {}

    /**
     * An adapter that took part.
     *
     * @param file its name; older pictures have its path
     * @param weight that its update was multiplied by
     * @param sha256 of the file; null where it was not taken
     * @param blocks factors in parts of the model, {@code mid_block:0.5}; null for none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AdapterUse(
            String file,
            double weight,
            @Nullable String sha256,
            @Nullable List<String> blocks) {
        /** The same everywhere. */
        public AdapterUse(String file, double weight, @Nullable String sha256) {
            this(file, weight, sha256, null);
        }
    }

    /** One JSON object. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads {@link #toJson}; throws WrongCommandException saying what does not fit. */
    public static GenerationParameters ofJson(String json) {
        try {
            JsonNode record = JSON.readTree(json);
            requireFinite(record, "");
            return JSON.treeToValue(record, GenerationParameters.class);
        } catch (JsonProcessingException e) {
            throw new WrongCommandException(
                    "the picture's record cannot be read (" + e.getOriginalMessage()
                            + "); name a picture that Atelier wrote",
                    e);
        }
    }

    /** NaN and infinities are JSON as Python writes it, and nothing that can be drawn with. */
    private static void requireFinite(JsonNode value, String name) {
        if (value.isNumber() && !Double.isFinite(value.doubleValue())) {
            throw new WrongCommandException(
                    "the picture's record says " + name + " = " + value.asText()
                            + ", which is no finite number; give prompt and settings on the command line instead of from_image");
        }
        value.properties().forEach(each -> requireFinite(each.getValue(), each.getKey()));
        if (value.isArray()) {
            value.forEach(each -> requireFinite(each, name));
        }
    }
}
