package atelier.inference.draw;

import ai.djl.Device;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Tiny random models and adapters, and the kernels that tests share. */
public final class TinyModel {
    private static final Path MODELS = Path.of("../diffusion/src/test/resources/golden/models");
    private static final Kernels KERNELS =
            Kernels.load(Device.cpu(), List.of("/atelier/inference/safety/mobilenet.py"));

    private TinyModel() {}

    public static Kernels kernels() {
        return KERNELS;
    }

    static Path path(String name) {
        return MODELS.resolve(name);
    }

    /** A random LoRA in kohya's format on two layers of the UNet and one of the text encoder of the tiny SD 1.x model. */
    static Path adapter(Path file, long seed) throws IOException {
        Random random = new Random(seed);
        Map<String, TensorView> tensors = new TreeMap<>();
        String block = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_";
        lora(tensors, random, block + "attn1_to_q", 16, 16);
        lora(tensors, random, block + "attn2_to_k", 32, 16);
        lora(tensors, random, "lora_te_text_model_encoder_layers_0_mlp_fc1", 32, 64);
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private static void lora(Map<String, TensorView> tensors, Random random, String name, int inputs, int outputs) {
        tensors.put(name + ".lora_down.weight", normal(random, 2, inputs));
        tensors.put(name + ".lora_up.weight", normal(random, outputs, 2));
        tensors.put(name + ".alpha", TensorView.ofFloats(new float[] {2}));
    }

    private static TensorView normal(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TensorView.ofFloats(values, rows, columns);
    }
}
