package atelier.diffusion.weights.name;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * The UNet's modules in both layouts, from its configuration. LDM numbers its input and output blocks through, a
 * down-sampler being a block of its own and an up-sampler the last part of one.
 */
public final class UnetNames {
    private static final Map<String, String> RESNET = Map.of(
            "norm1", "in_layers.0",
            "conv1", "in_layers.2",
            "time_emb_proj", "emb_layers.1",
            "norm2", "out_layers.0",
            "conv2", "out_layers.3",
            "conv_shortcut", "skip_connection");

    private UnetNames() {}

    public static NameTable table(ObjectNode config) {
        NameTable table = new NameTable();
        table.put("conv_in", "input_blocks.0.0");
        table.put("time_embedding.linear_1", "time_embed.0");
        table.put("time_embedding.linear_2", "time_embed.2");
        table.put("add_embedding.linear_1", "label_emb.0.0");
        table.put("add_embedding.linear_2", "label_emb.0.2");
        down(table, config);
        resnet(table, "mid_block.resnets.0", "middle_block.0");
        table.put("mid_block.attentions.0", "middle_block.1");
        resnet(table, "mid_block.resnets.1", "middle_block.2");
        up(table, config);
        table.put("conv_norm_out", "out.0");
        table.put("conv_out", "out.2");
        return table;
    }

    private static void down(NameTable table, ObjectNode config) {
        JsonNode types = config.path("down_block_types");
        int number = 1;
        for (int i = 0; i < types.size(); i++) {
            for (int j = 0; j < layers(config, i); j++, number++) {
                resnet(table, "down_blocks." + i + ".resnets." + j, "input_blocks." + number + ".0");
                if (attends(types.get(i))) {
                    table.put("down_blocks." + i + ".attentions." + j, "input_blocks." + number + ".1");
                }
            }
            if (i + 1 < types.size()) {
                table.put("down_blocks." + i + ".downsamplers.0.conv", "input_blocks." + number + ".0.op");
                number++;
            }
        }
    }

    private static void up(NameTable table, ObjectNode config) {
        JsonNode types = config.path("up_block_types");
        int number = 0;
        for (int i = 0; i < types.size(); i++) {
            int resnets = layers(config, types.size() - 1 - i) + 1;
            for (int j = 0; j < resnets; j++, number++) {
                resnet(table, "up_blocks." + i + ".resnets." + j, "output_blocks." + number + ".0");
                if (attends(types.get(i))) {
                    table.put("up_blocks." + i + ".attentions." + j, "output_blocks." + number + ".1");
                }
            }
            if (i + 1 < types.size()) {
                int part = attends(types.get(i)) ? 2 : 1;
                table.put(
                        "up_blocks." + i + ".upsamplers.0.conv",
                        "output_blocks." + (number - 1) + "." + part + ".conv");
            }
        }
    }

    private static void resnet(NameTable table, String diffusers, String ldm) {
        RESNET.forEach((part, other) -> table.put(diffusers + "." + part, ldm + "." + other));
    }

    private static boolean attends(JsonNode blockType) {
        return blockType.asText().contains("CrossAttn");
    }

    /** layers_per_block is one number, or one for each level. */
    static int layers(ObjectNode config, int level) {
        JsonNode layers = config.path("layers_per_block");
        return layers.isArray() ? layers.get(level).asInt() : layers.asInt(2);
    }
}
