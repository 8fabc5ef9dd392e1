package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * The shape of a CLIPTextModel, read from transformers' config.json.
 *
 * @param width width of the states
 * @param feedForward width inside the feed-forward
 * @param layers transformer layers
 * @param heads attention heads
 * @param gelu true for gelu, false for quick_gelu
 * @param eps epsilon of the layer norms
 * @param positions longest prompt in tokens, marks included
 * @param vocabulary number of tokens
 * @param endToken the token whose state is the pooled one
 * @param projection width of the projected pooled state; 0 when the model has no projection
 */
public record TextEncoderConfig(
        int width,
        int feedForward,
        int layers,
        int heads,
        boolean gelu,
        double eps,
        int positions,
        int vocabulary,
        int endToken,
        int projection) {

    /**
     * Reads config.json.
     *
     * @throws WrongCommandException for an activation other than gelu and quick_gelu
     */
    public static TextEncoderConfig of(JsonNode config) {
        String activation = config.path("hidden_act").asText("quick_gelu");
        if (!activation.equals("gelu") && !activation.equals("quick_gelu")) {
            throw new WrongCommandException("hidden_act in the text encoder's config.json is " + activation
                    + "; only gelu and quick_gelu are supported, name another model");
        }
        boolean projects = config.path("architectures").toString().contains("WithProjection");
        int width = config.path("hidden_size").asInt(512);
        return new TextEncoderConfig(
                width,
                config.path("intermediate_size").asInt(4 * width),
                config.path("num_hidden_layers").asInt(12),
                config.path("num_attention_heads").asInt(8),
                activation.equals("gelu"),
                config.path("layer_norm_eps").asDouble(1e-5),
                config.path("max_position_embeddings").asInt(77),
                config.path("vocab_size").asInt(49408),
                config.path("eos_token_id").asInt(2),
                projects ? config.path("projection_dim").asInt(width) : 0);
    }
}
