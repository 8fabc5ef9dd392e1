package atelier.diffusion.weights;

import atelier.diffusion.weights.name.NameTable;
import atelier.diffusion.weights.name.UnetNames;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** The UNet's module paths in diffusers' layout and in that of the original code. */
public final class ModuleNames {
    private final NameTable table;

    private ModuleNames(NameTable table) {
        this.table = table;
    }

    /** @param unet diffusers' configuration: layers_per_block, down_block_types, up_block_types */
    public static ModuleNames of(ObjectNode unet) {
        return new ModuleNames(UnetNames.table(unet));
    }

    /** The published 1.x's and 2.x's. */
    public static ModuleNames stableDiffusion() {
        return of(levels(List.of(true, true, true, false)));
    }

    /** The published XL's. */
    public static ModuleNames stableDiffusionXl() {
        return of(levels(List.of(false, true, true)));
    }

    private static ObjectNode levels(List<Boolean> attention) {
        ObjectNode config = ModelFolder.JSON.createObjectNode().put("layers_per_block", 2);
        ArrayNode down = config.putArray("down_block_types");
        ArrayNode up = config.putArray("up_block_types");
        for (int i = 0; i < attention.size(); i++) {
            down.add(attention.get(i) ? "CrossAttnDownBlock2D" : "DownBlock2D");
            up.add(attention.get(attention.size() - 1 - i) ? "CrossAttnUpBlock2D" : "UpBlock2D");
        }
        return config;
    }

    /** {@code down_blocks.1.resnets.0.conv1} for {@code input_blocks.4.0.in_layers.2}. */
    public Optional<String> toDiffusers(String ldmPath) {
        return table.toDiffusers(ldmPath);
    }

    /** The inverse of {@link #toDiffusers}. */
    public Optional<String> toLdm(String diffusersPath) {
        return table.toLdm(diffusersPath);
    }
}
