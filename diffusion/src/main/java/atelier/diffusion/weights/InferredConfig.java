package atelier.diffusion.weights;

import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Configurations of single files, read off their tensors' shapes. What shapes do not show (heads, activations, group
 * counts) is what the published models of the family have.
 */
final class InferredConfig {
    private final Map<String, TensorView> tensors;
    private final String place;

    /** @param tensors one network's tensors under LDM's names, without the network's prefix */
    InferredConfig(String place, Map<String, TensorView> tensors) {
        this.place = place;
        this.tensors = tensors;
    }

    private record Level(long channels, int layers, int depth) {}

    /** The keys of a UNet2DConditionModel's config.json. */
    ObjectNode unet() {
        List<Level> levels = unetLevels();
        long[] convIn = shape("input_blocks.0.0.weight");
        ObjectNode config = object("UNet2DConditionModel");
        config.put("in_channels", convIn[1]);
        config.put("out_channels", shape("out.2.weight")[0]);
        boolean linear = shape(first(".proj_in.weight")).length == 2;
        boolean timeIds = tensors.containsKey("label_emb.0.0.weight");
        int middle = depth("middle_block.1.");
        ArrayNode channels = config.putArray("block_out_channels");
        ArrayNode heads = config.putArray("attention_head_dim");
        ArrayNode depths = config.putArray("transformer_layers_per_block");
        ArrayNode down = config.putArray("down_block_types");
        ArrayNode up = config.putArray("up_block_types");
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            boolean last = i == levels.size() - 1;
            channels.add(level.channels());
            // The key's name misleads: for these models it holds the number of heads.
            heads.add(linear ? Math.max(1, level.channels() / 64) : 8);
            depths.add(level.depth() > 0 ? level.depth() : last ? Math.max(1, middle) : 1);
            down.add(level.depth() > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D");
            up.add(levels.get(levels.size() - 1 - i).depth() > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D");
        }
        config.put("layers_per_block", levels.get(0).layers());
        eachDepth(config, levels);
        config.put("cross_attention_dim", shape(first(".transformer_blocks.0.attn2.to_k.weight"))[1]);
        config.put("use_linear_projection", linear);
        boolean middleBlock = tensors.containsKey("middle_block.0.in_layers.2.weight");
        config.put("mid_block_type", middle > 0 ? "UNetMidBlock2DCrossAttn" : middleBlock ? "UNetMidBlock2D" : null);
        config.put("sample_size", timeIds ? 128 : 64);
        config.put("act_fn", "silu").put("norm_num_groups", 32).put("norm_eps", 1e-5);
        config.put("flip_sin_to_cos", true).put("freq_shift", 0).put("center_input_sample", false);
        config.put("downsample_padding", 1).put("mid_block_scale_factor", 1);
        long width = config.path("cross_attention_dim").asLong();
        if (timeIds && (width == 768 || width == 1024)) {
            // unCLIP's: XL and its refiner have text states 2048 and 1280 wide.
            config.put("class_embed_type", "projection");
            config.put("projection_class_embeddings_input_dim", shape("label_emb.0.0.weight")[1]);
        } else if (timeIds) {
            config.put("addition_embed_type", "text_time").put("addition_time_embed_dim", 256);
            config.put("projection_class_embeddings_input_dim", shape("label_emb.0.0.weight")[1]);
        }
        return config;
    }

    /** The name of the first tensor, in the alphabet's order, that ends so. */
    private String first(String end) {
        return tensors.keySet().stream()
                .filter(name -> name.endsWith(end))
                .sorted()
                .findFirst()
                .orElse("middle_block.1" + end);
    }

    /** Where the transformers of a level differ in depth, or the way up in its levels', each one's depth is stated. */
    private void eachDepth(ObjectNode config, List<Level> levels) {
        ArrayNode down = ModelFolder.JSON.createArrayNode();
        ArrayNode up = ModelFolder.JSON.createArrayNode();
        boolean even = true;
        int input = 1;
        int output = 0;
        for (int i = 0; i < levels.size(); i++, input++) {
            ArrayNode depths = down.addArray();
            for (int j = 0; j < levels.get(i).layers(); j++, input++) {
                depths.add(Math.max(1, depth("input_blocks." + input + ".1.")));
                even &= levels.get(i).depth() == 0
                        || depths.get(j).asInt() == levels.get(i).depth();
            }
            Level back = levels.get(levels.size() - 1 - i);
            ArrayNode reverse = up.addArray();
            for (int j = 0; j <= back.layers(); j++, output++) {
                int depth = depth("output_blocks." + output + ".1.");
                reverse.add(Math.max(1, depth));
                even &= depth == 0 || depth == back.depth();
            }
        }
        if (!even) {
            config.set("transformer_layers_per_block", down);
            config.set("reverse_transformer_layers_per_block", up);
        }
    }

    private List<Level> unetLevels() {
        List<Level> levels = new ArrayList<>();
        long channels = 0;
        int layers = 0;
        int depth = 0;
        int number = 1;
        for (;
                tensors.containsKey("input_blocks." + number + ".0.op.weight")
                        || tensors.containsKey("input_blocks." + number + ".0.out_layers.3.weight");
                number++) {
            if (tensors.containsKey("input_blocks." + number + ".0.op.weight")) {
                levels.add(new Level(channels, layers, depth));
                layers = 0;
            } else {
                channels = shape("input_blocks." + number + ".0.out_layers.3.weight")[0];
                depth = depth("input_blocks." + number + ".1.");
                layers++;
            }
        }
        if (layers == 0) {
            throw new WeightsException(place + " has no UNet blocks of Stable Diffusion's form (input_blocks." + number
                    + "); is it a checkpoint of another architecture?");
        }
        levels.add(new Level(channels, layers, depth));
        return levels;
    }

    private int depth(String module) {
        int depth = 0;
        while (tensors.containsKey(module + "transformer_blocks." + depth + ".norm1.weight")) {
            depth++;
        }
        return depth;
    }

    /** The keys of an AutoencoderKL's config.json. */
    ObjectNode vae(ModelFamily family) {
        ObjectNode config = object("AutoencoderKL");
        config.put("in_channels", shape("encoder.conv_in.weight")[1]);
        config.put("out_channels", shape("decoder.conv_out.weight")[0]);
        config.put("latent_channels", shape("decoder.conv_in.weight")[1]);
        ArrayNode channels = config.putArray("block_out_channels");
        ArrayNode down = config.putArray("down_block_types");
        ArrayNode up = config.putArray("up_block_types");
        int level = 0;
        boolean ldm = !tensors.containsKey("encoder.down_blocks.0.resnets.0.conv2.weight");
        String downs = ldm ? "encoder.down." : "encoder.down_blocks.";
        String blocks = ldm ? ".block." : ".resnets.";
        for (; tensors.containsKey(downs + level + blocks + "0.conv2.weight"); level++) {
            channels.add(shape(downs + level + blocks + "0.conv2.weight")[0]);
            down.add("DownEncoderBlock2D");
            up.add("UpDecoderBlock2D");
        }
        int layers = 0;
        while (tensors.containsKey(downs + "0" + blocks + layers + ".conv2.weight")) {
            layers++;
        }
        config.put("layers_per_block", layers);
        config.put("act_fn", "silu").put("norm_num_groups", 32);
        config.put("sample_size", family.isXl() ? 1024 : family == ModelFamily.SD2 ? 768 : 512);
        config.put("scaling_factor", family.isXl() ? 0.13025 : 0.18215).put("force_upcast", family.isXl());
        boolean attends = tensors.keySet().stream()
                .anyMatch(name ->
                        name.startsWith("encoder.mid.attn_1.") || name.startsWith("encoder.mid_block.attentions.0."));
        config.put("mid_block_add_attention", attends);
        config.put("use_quant_conv", tensors.containsKey("quant_conv.weight"));
        config.put("use_post_quant_conv", tensors.containsKey("post_quant_conv.weight"));
        return config;
    }

    /**
     * The keys of a CLIPTextModel's config.json, from tensors under transformers' names.
     *
     * @param openClip whether the weights are OpenCLIP's, which differs in its activation
     */
    static ObjectNode text(String place, Map<String, ? extends TensorSource> tensors, boolean openClip) {
        long[] tokens = require(place, tensors, "text_model.embeddings.token_embedding.weight");
        int layers = 0;
        while (tensors.containsKey("text_model.encoder.layers." + layers + ".layer_norm1.weight")) {
            layers++;
        }
        TensorSource projection = tensors.get("text_projection.weight");
        ObjectNode config = ModelFolder.JSON.createObjectNode();
        config.putArray("architectures").add(projection == null ? "CLIPTextModel" : "CLIPTextModelWithProjection");
        config.put("model_type", "clip_text_model");
        config.put("vocab_size", tokens[0]).put("hidden_size", tokens[1]);
        config.put(
                "max_position_embeddings",
                require(place, tensors, "text_model.embeddings.position_embedding.weight")[0]);
        config.put("num_hidden_layers", layers).put("num_attention_heads", Math.max(1, tokens[1] / 64));
        config.put("intermediate_size", require(place, tensors, "text_model.encoder.layers.0.mlp.fc1.weight")[0]);
        config.put("hidden_act", openClip ? "gelu" : "quick_gelu").put("layer_norm_eps", 1e-5);
        config.put("projection_dim", projection == null ? tokens[1] : projection.shape()[0]);
        config.put("bos_token_id", 0).put("eos_token_id", 2).put("pad_token_id", 1);
        return config;
    }

    private static ObjectNode object(String className) {
        return ModelFolder.JSON.createObjectNode().put("_class_name", className);
    }

    private long[] shape(String name) {
        return require(place, tensors, name);
    }

    private static long[] require(String place, Map<String, ? extends TensorSource> tensors, String name) {
        TensorSource tensor = tensors.get(name);
        if (tensor == null) {
            throw new WeightsException(place + " lacks '" + name
                    + "', from which its configuration is read; is it a whole Stable Diffusion checkpoint?");
        }
        return tensor.shape();
    }
}
