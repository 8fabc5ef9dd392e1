package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import java.util.ArrayList;
import java.util.List;

/** Decides which layers of a network get which update. */
public final class AdapterPlan {
    private AdapterPlan() {}

    /**
     * Attaches fresh modules to all target layers.
     *
     * @param layers a network's layers
     * @param seed each layer draws its start from this and its place, whatever the other layers are
     * @throws IllegalArgumentException when no layer is a target
     */
    public static Adapter build(Kernels kernels, List<Layer> layers, AdapterSettings settings, long seed) {
        List<AdapterModule> modules = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            if (settings.targets().contains(layer.group())) {
                TorchRandom random = new TorchRandom(seed * 0x9E3779B97F4A7C15L + i);
                modules.add(
                        switch (settings.method()) {
                            case LORA -> fresh(kernels, layer, settings, false, random);
                            case DORA -> fresh(kernels, layer, settings, true, random);
                        });
            }
        }
        if (modules.isEmpty()) {
            throw new IllegalArgumentException("adapter.targets = " + settings.targets()
                    + " names no layer of this network; attention is always there");
        }
        return new Adapter(kernels, modules);
    }

    private static LowRank fresh(
            Kernels kernels, Layer layer, AdapterSettings settings, boolean decomposed, TorchRandom random) {
        return LowRank.fresh(kernels, layer, settings.rank(), settings.scale(), decomposed, random);
    }
}
