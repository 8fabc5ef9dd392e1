package atelier.diffusion.unet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * How deep each transformer of a UNet is. Published models have one number a level; those that were made smaller after
 * training, such as SSD-1B, have one for each transformer, and a middle without one, or none.
 *
 * @param down for each level, finest first, the layers of each of its transformers
 * @param up for each level, coarsest first, the same on the way up, where each level has one more
 * @param middle layers of the middle's transformer; 0 where it has none
 * @param middleResnets residual blocks of the middle: 2, 1 without a transformer, or 0
 */
public record Depths(List<List<Integer>> down, List<List<Integer>> up, int middle, int middleResnets) {
    public Depths {
        down = List.copyOf(down);
        up = List.copyOf(up);
    }

    /**
     * Reads transformer_layers_per_block and reverse_transformer_layers_per_block.
     *
     * @param layers residual blocks of each level
     * @param middle mid_block_type
     */
    static Depths of(JsonNode config, List<Integer> layers, String middle) {
        JsonNode stated = config.path("transformer_layers_per_block");
        JsonNode reverse = config.path("reverse_transformer_layers_per_block");
        int levels = layers.size();
        List<List<Integer>> down = new ArrayList<>();
        List<List<Integer>> up = new ArrayList<>();
        for (int i = 0; i < levels; i++) {
            int level = levels - 1 - i;
            down.add(level(stated.isArray() ? stated.path(i) : stated, layers.get(i)));
            JsonNode back = reverse.isArray() ? reverse.path(i) : stated.isArray() ? stated.path(level) : stated;
            up.add(level(back, layers.get(level) + 1));
        }
        List<Integer> coarsest = down.get(levels - 1);
        boolean attends = middle.equals("UNetMidBlock2DCrossAttn");
        int resnets = attends ? 2 : middle.equals("UNetMidBlock2D") ? 1 : 0;
        return new Depths(down, up, attends ? coarsest.get(coarsest.size() - 1) : 0, resnets);
    }

    private static List<Integer> level(JsonNode value, int transformers) {
        List<Integer> depths = new ArrayList<>();
        for (int i = 0; i < transformers; i++) {
            depths.add(value.isArray() ? value.path(i).asInt(1) : value.asInt(1));
        }
        return List.copyOf(depths);
    }
}
