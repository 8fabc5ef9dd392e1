package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Adapters with random values, for tests. */
public final class RandomAdapters {
    static final ModuleKey TO_K =
            new ModuleKey(Component.UNET, "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k");
    static final ModuleKey CONV = new ModuleKey(Component.UNET, "up_blocks.0.resnets.1.conv1");
    static final ModuleKey PROJ = new ModuleKey(Component.TEXT_ENCODER, "text_model.encoder.layers.0.self_attn.q_proj");

    private RandomAdapters() {}

    public static TensorView random(String of, long... shape) {
        Random random = new Random(of.hashCode());
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TensorView.ofFloats(values, shape);
    }

    public static ModuleState linear(String of, int rank, double alpha, int in, int out) {
        return new ModuleState(
                AdapterMethod.LORA,
                Map.of(ModuleState.DOWN, random(of + "d", rank, in), ModuleState.UP, random(of + "u", out, rank)),
                alpha,
                rank);
    }

    static ModuleState convolution(int rank, double alpha) {
        return new ModuleState(
                AdapterMethod.LORA,
                Map.of(
                        ModuleState.DOWN, random("cd", rank, 6, 3, 3),
                        ModuleState.UP, random("cu", 8, rank, 1, 1)),
                alpha,
                rank);
    }

    /** A linear layer and a convolution of the UNet and a linear layer of the text encoder. */
    public static AdapterState adapter() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        modules.put(TO_K, linear("a", 4, 2, 12, 20));
        modules.put(CONV, convolution(3, 6));
        modules.put(PROJ, linear("t", 4, 4, 16, 16));
        return new AdapterState(modules, Map.of());
    }
}
