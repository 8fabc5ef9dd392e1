package atelier.diffusion.vae;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of an AutoencoderKL, read from diffusers' config.json.
 *
 * @param channels channels of each level, finest first
 * @param layers residual blocks of each level of the encoder; the decoder has one more
 * @param latentChannels channels of the latents
 * @param groups groups of the group norms
 * @param attention whether the middle has attention
 * @param quantConvolution whether a 1x1 convolution follows the encoder
 * @param postQuantConvolution whether a 1x1 convolution precedes the decoder
 * @param scalingFactor latents are multiplied by it before they are noised
 * @param forceUpcast whether fp16 is too narrow for it
 * @param sampleSize the pictures' side that the model was made for
 */
public record AutoencoderConfig(
        List<Integer> channels,
        int layers,
        int latentChannels,
        int groups,
        boolean attention,
        boolean quantConvolution,
        boolean postQuantConvolution,
        double scalingFactor,
        boolean forceUpcast,
        int sampleSize) {

    /** Pixels to a latent along a side. */
    public int factor() {
        return 1 << (channels.size() - 1);
    }

    /** Reads config.json. */
    public static AutoencoderConfig of(JsonNode config) {
        List<Integer> channels = new ArrayList<>();
        config.path("block_out_channels").forEach(node -> channels.add(node.asInt()));
        if (!config.path("act_fn").asText("silu").equals("silu") || config.hasNonNull("shift_factor")) {
            throw new WrongCommandException("the autoencoder's config.json asks for act_fn "
                    + config.path("act_fn").asText("silu") + " and shift_factor "
                    + config.path("shift_factor").asText("none") + "; only silu without shift is supported");
        }
        double scaling = config.path("scaling_factor").asDouble(0.18215);
        if (!Double.isFinite(scaling) || scaling == 0) {
            throw new WrongCommandException("the autoencoder's config.json has the scaling_factor " + scaling
                    + ", by which no latents can be multiplied; Stable Diffusion 1.x and 2.x have 0.18215, XL 0.13025");
        }
        return new AutoencoderConfig(
                List.copyOf(channels),
                config.path("layers_per_block").asInt(1),
                config.path("latent_channels").asInt(4),
                config.path("norm_num_groups").asInt(32),
                config.path("mid_block_add_attention").asBoolean(true),
                config.path("use_quant_conv").asBoolean(true),
                config.path("use_post_quant_conv").asBoolean(true),
                scaling,
                config.path("force_upcast").asBoolean(true),
                config.path("sample_size").asInt(512));
    }
}
