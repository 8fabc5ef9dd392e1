package atelier.diffusion.weights.name;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The autoencoder's modules in both layouts; LDM counts the decoder's levels from the finest. */
public final class VaeNames {
    private VaeNames() {}

    public static NameTable table(ObjectNode config) {
        NameTable table = new NameTable();
        int levels = config.path("block_out_channels").size();
        int layers = config.path("layers_per_block").asInt(1);
        for (String same : List.of("quant_conv", "post_quant_conv")) {
            table.put(same, same);
        }
        for (String half : List.of("encoder", "decoder")) {
            table.put(half + ".conv_in", half + ".conv_in");
            table.put(half + ".conv_norm_out", half + ".norm_out");
            table.put(half + ".conv_out", half + ".conv_out");
            resnet(table, half + ".mid_block.resnets.0", half + ".mid.block_1");
            resnet(table, half + ".mid_block.resnets.1", half + ".mid.block_2");
            attention(table, half + ".mid_block.attentions.0", half + ".mid.attn_1");
        }
        for (int i = 0; i < levels; i++) {
            for (int j = 0; j < layers; j++) {
                resnet(table, "encoder.down_blocks." + i + ".resnets." + j, "encoder.down." + i + ".block." + j);
            }
            int level = levels - 1 - i;
            for (int j = 0; j <= layers; j++) {
                resnet(table, "decoder.up_blocks." + i + ".resnets." + j, "decoder.up." + level + ".block." + j);
            }
            table.put("encoder.down_blocks." + i + ".downsamplers.0", "encoder.down." + i + ".downsample");
            table.put("decoder.up_blocks." + i + ".upsamplers.0", "decoder.up." + level + ".upsample");
        }
        return table;
    }

    private static void resnet(NameTable table, String diffusers, String ldm) {
        for (String same : List.of("norm1", "conv1", "norm2", "conv2")) {
            table.put(diffusers + "." + same, ldm + "." + same);
        }
        table.put(diffusers + ".conv_shortcut", ldm + ".nin_shortcut");
    }

    private static void attention(NameTable table, String diffusers, String ldm) {
        table.put(diffusers + ".group_norm", ldm + ".norm");
        table.put(diffusers + ".to_q", ldm + ".q");
        table.put(diffusers + ".to_k", ldm + ".k");
        table.put(diffusers + ".to_v", ldm + ".v");
        table.put(diffusers + ".to_out.0", ldm + ".proj_out");
    }
}
