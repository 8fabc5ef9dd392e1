package atelier.diffusion.unet;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a UNet2DConditionModel, read from diffusers' config.json.
 *
 * @param inChannels latent channels that go in: 4, or 9 for inpainting
 * @param outChannels latent channels that come out
 * @param channels channels of each level, finest first
 * @param layers residual blocks of each level on the way down; one more on the way up
 * @param downAttention whether a level has transformers on the way down
 * @param upAttention the same on the way up, coarsest first
 * @param heads attention heads of each level. The key is called attention_head_dim and means the number of heads in
 *     all Stable Diffusion configurations
 * @param depths layers in each transformer, and of what the middle is made
 * @param contextWidth width of the text states
 * @param linearProjection whether proj_in and proj_out are stored as linear layers (SD2, SDXL)
 * @param groups groups of the group norms
 * @param eps epsilon of the residual blocks' norms
 * @param flipSinToCos cosines first in the time embedding
 * @param freqShift shift of the time embedding's frequencies
 * @param sizeWidth width of one size embedding of SDXL; 0 without text_time conditioning
 * @param addedWidth width of SDXL's pooled text and sizes together; 0 without
 * @param sampleSize the latents' side that the model was made for
 */
public record UNetConfig(
        int inChannels,
        int outChannels,
        List<Integer> channels,
        List<Integer> layers,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        List<Integer> heads,
        Depths depths,
        int contextWidth,
        boolean linearProjection,
        int groups,
        double eps,
        boolean flipSinToCos,
        double freqShift,
        int sizeWidth,
        int addedWidth,
        int sampleSize) {

    /** Layers of a level's deepest transformer on the way down. */
    public List<Integer> transformerLayers() {
        return depths.down().stream().map(java.util.Collections::max).toList();
    }

    /** Levels of resolution. */
    public int levels() {
        return channels.size();
    }

    /** Width of the time embedding. */
    public int timeWidth() {
        return channels.get(0) * 4;
    }

    /** Whether the model takes pooled text and sizes (SDXL). */
    public boolean textTime() {
        return addedWidth > 0;
    }

    /**
     * Reads config.json.
     *
     * @throws WrongCommandException naming every key whose value this implementation does not have
     */
    public static UNetConfig of(JsonNode config) {
        List<String> unsupported = new ArrayList<>();
        expect(config, "act_fn", "silu", unsupported);
        expect(config, "resnet_time_scale_shift", "default", unsupported);
        expect(config, "time_embedding_type", "positional", unsupported);
        expect(config, "attention_type", "default", unsupported);
        expect(config, "class_embed_type", "null", unsupported);
        expect(config, "encoder_hid_dim", "null", unsupported);
        expect(config, "only_cross_attention", "false", unsupported);
        expect(config, "dual_cross_attention", "false", unsupported);
        expect(config, "center_input_sample", "false", unsupported);
        expect(config, "conv_in_kernel", "3", unsupported);
        expect(config, "conv_out_kernel", "3", unsupported);
        expect(config, "mid_block_scale_factor", "1", unsupported);
        expect(config, "downsample_padding", "1", unsupported);
        if (config.hasNonNull("time_cond_proj_dim")) {
            unsupported.add(
                    "time_cond_proj_dim = " + config.get("time_cond_proj_dim").asText()
                            + " (a model distilled to few steps, LCM, which takes the guidance scale as an input; the model that it"
                            + " was distilled from draws the same way with an LCM adapter and sampler=lcm)");
        }
        String middle =
                config.has("mid_block_type") ? config.path("mid_block_type").asText("null") : "UNetMidBlock2DCrossAttn";
        if (!List.of("UNetMidBlock2DCrossAttn", "UNetMidBlock2D", "null").contains(middle)) {
            unsupported.add(
                    "mid_block_type = " + middle + " (expected UNetMidBlock2DCrossAttn, UNetMidBlock2D or none)");
        }
        String added = config.path("addition_embed_type").asText("null");
        if (!added.equals("null") && !added.equals("text_time")) {
            unsupported.add("addition_embed_type = " + added + " (expected none or text_time)");
        }
        List<Boolean> down =
                attention(config.path("down_block_types"), "CrossAttnDownBlock2D", "DownBlock2D", unsupported);
        List<Boolean> up = attention(config.path("up_block_types"), "CrossAttnUpBlock2D", "UpBlock2D", unsupported);
        if (!unsupported.isEmpty()) {
            throw new WrongCommandException("the UNet's config.json asks for what is not supported: "
                    + String.join("; ", unsupported) + "; name another model");
        }
        List<Integer> channels = new ArrayList<>();
        config.path("block_out_channels").forEach(node -> channels.add(node.asInt()));
        int levels = channels.size();
        JsonNode heads = config.hasNonNull("num_attention_heads")
                ? config.get("num_attention_heads")
                : config.path("attention_head_dim");
        boolean textTime = added.equals("text_time");
        List<Integer> layers = perLevel(config.path("layers_per_block"), levels, 2);
        Depths depths = Depths.of(config, layers, middle);
        return new UNetConfig(
                config.path("in_channels").asInt(4),
                config.path("out_channels").asInt(4),
                List.copyOf(channels),
                layers,
                down,
                up,
                perLevel(heads, levels, 8),
                depths,
                perLevel(config.path("cross_attention_dim"), levels, 1280).get(0),
                config.path("use_linear_projection").asBoolean(false),
                config.path("norm_num_groups").asInt(32),
                config.path("norm_eps").asDouble(1e-5),
                config.path("flip_sin_to_cos").asBoolean(true),
                config.path("freq_shift").asDouble(0),
                textTime ? config.path("addition_time_embed_dim").asInt() : 0,
                textTime ? config.path("projection_class_embeddings_input_dim").asInt() : 0,
                config.path("sample_size").asInt(64));
    }

    private static void expect(JsonNode config, String key, String value, List<String> unsupported) {
        JsonNode node = config.path(key);
        boolean fits = node.isMissingNode()
                || node.isNull()
                || (node.isNumber()
                        ? node.asDouble() == number(value)
                        : node.asText().equals(value));
        if (!fits) {
            unsupported.add(key + " = " + node.asText() + " (expected " + value + ")");
        }
    }

    private static double number(String text) {
        return text.chars().allMatch(Character::isDigit) ? Double.parseDouble(text) : Double.NaN;
    }

    private static List<Boolean> attention(JsonNode types, String with, String without, List<String> unsupported) {
        List<Boolean> levels = new ArrayList<>();
        for (JsonNode type : types) {
            if (!type.asText().equals(with) && !type.asText().equals(without)) {
                unsupported.add("block type " + type.asText() + " (expected " + with + " or " + without + ")");
            }
            levels.add(type.asText().equals(with));
        }
        return List.copyOf(levels);
    }

    private static List<Integer> perLevel(JsonNode value, int levels, int otherwise) {
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < levels; i++) {
            list.add(value.isArray() ? value.path(i).asInt() : value.asInt(otherwise));
        }
        return List.copyOf(list);
    }
}
