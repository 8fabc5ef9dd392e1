package atelier.diffusion.vision;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * The shape of CLIP's vision tower, read from transformers' config.json.
 *
 * @param width of the hidden states
 * @param feedForward width inside a feed-forward block
 * @param layers transformer layers
 * @param heads of the attention
 * @param gelu whether gelu is the activation, else quick_gelu
 * @param eps of the layer norms
 * @param picture side of the pictures that it takes, in pixels
 * @param patch side of a patch, in pixels
 * @param projection width of the projected picture
 */
public record VisionConfig(
        int width,
        int feedForward,
        int layers,
        int heads,
        boolean gelu,
        double eps,
        int picture,
        int patch,
        int projection) {

    public VisionConfig {
        if (patch < 1 || picture % patch != 0) {
            throw new WrongCommandException(
                    "the vision tower's image_size " + picture + " is no multiple of its patch_size " + patch);
        }
    }

    /**
     * Reads a CLIP model's config.json, whose section vision_config says what the tower is like.
     *
     * @throws WrongCommandException for an activation other than gelu and quick_gelu
     */
    public static VisionConfig of(JsonNode config) {
        JsonNode vision = config.path("vision_config");
        String activation = vision.path("hidden_act").asText("quick_gelu");
        if (!activation.equals("gelu") && !activation.equals("quick_gelu")) {
            throw new WrongCommandException("hidden_act in the vision tower's config.json is " + activation
                    + "; only gelu and quick_gelu are supported, name another model");
        }
        return new VisionConfig(
                vision.path("hidden_size").asInt(768),
                vision.path("intermediate_size").asInt(3072),
                vision.path("num_hidden_layers").asInt(12),
                vision.path("num_attention_heads").asInt(12),
                activation.equals("gelu"),
                vision.path("layer_norm_eps").asDouble(1e-5),
                vision.path("image_size").asInt(224),
                vision.path("patch_size").asInt(32),
                config.path("projection_dim").asInt(512));
    }

    /** Patches of a picture. */
    int patches() {
        return (picture / patch) * (picture / patch);
    }
}
