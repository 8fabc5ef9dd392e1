package atelier.diffusion.adapter;

import atelier.diffusion.Golden;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.unet.UNet;
import java.util.ArrayList;
import java.util.List;

/** The adapter that a golden file holds. */
public final class GoldenAdapter {
    private GoldenAdapter() {}

    /** An adapter of a network's layers, with PEFT's tensors. */
    public static Adapter of(Kernels kernels, UNet unet, Golden golden, double scale) {
        List<LowRank> modules = new ArrayList<>();
        for (Layer layer : unet.layers()) {
            String name = "in.adapter." + layer.path();
            if (golden.names().contains(name + ".lora_A")) {
                String magnitude = name + ".dora_scale";
                modules.add(LowRank.of(
                        kernels,
                        layer,
                        scale,
                        golden.floats(name + ".lora_A"),
                        golden.floats(name + ".lora_B"),
                        golden.names().contains(magnitude) ? golden.floats(magnitude) : null,
                        true));
            }
        }
        return new Adapter(kernels, modules);
    }
}
