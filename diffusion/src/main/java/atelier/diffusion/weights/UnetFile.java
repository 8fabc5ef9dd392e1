package atelier.diffusion.weights;

import atelier.diffusion.weights.name.NameTable;
import atelier.diffusion.weights.name.UnetNames;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/** Files of a UNet alone, in the original layout without its prefix, or in diffusers', brought to a checkpoint's names. */
final class UnetFile {
    private static final String SHORT = "diffusion_model.";
    private static final String DIFFUSERS = "down_blocks.0.resnets.0.conv1.weight";

    private UnetFile() {}

    /** The tensors, a UNet's under the prefix that checkpoints have; those of a whole checkpoint as they are. */
    static Map<String, TensorView> prefixed(Map<String, TensorView> tensors) {
        String stem = "input_blocks.0.0.weight";
        String before = tensors.containsKey(SHORT + stem) ? SHORT : "";
        if (tensors.containsKey(DIFFUSERS) && !tensors.containsKey(SingleFile.UNET + stem)) {
            return renamed(tensors);
        }
        if (!tensors.containsKey(before + stem)) {
            return tensors;
        }
        Map<String, TensorView> out = new TreeMap<>();
        tensors.forEach((name, tensor) ->
                out.put(name.startsWith(before) ? SingleFile.UNET + name.substring(before.length()) : name, tensor));
        return out;
    }

    private static Map<String, TensorView> renamed(Map<String, TensorView> tensors) {
        ObjectNode config = ModelFolder.JSON.createObjectNode();
        ArrayNode down = config.putArray("down_block_types");
        ArrayNode up = config.putArray("up_block_types");
        ArrayNode layers = config.putArray("layers_per_block");
        for (int i = 0; tensors.containsKey("down_blocks." + i + ".resnets.0.conv1.weight"); i++) {
            int count = 0;
            while (tensors.containsKey("down_blocks." + i + ".resnets." + count + ".conv1.weight")) {
                count++;
            }
            layers.add(count);
            down.add(block(tensors, "down_blocks." + i, "Down"));
            up.add(block(tensors, "up_blocks." + i, "Up"));
        }
        NameTable table = UnetNames.table(config);
        Map<String, TensorView> out = new TreeMap<>();
        tensors.forEach(
                (name, tensor) -> out.put(SingleFile.UNET + table.toLdm(name).orElse(name), tensor));
        return out;
    }

    private static String block(Map<String, TensorView> tensors, String path, String way) {
        boolean attends = tensors.containsKey(path + ".attentions.0.norm.weight");
        return attends ? "CrossAttn" + way + "Block2D" : way + "Block2D";
    }
}
