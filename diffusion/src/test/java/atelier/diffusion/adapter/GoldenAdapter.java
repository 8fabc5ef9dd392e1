package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.Golden;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.unet.UNet;
import java.util.ArrayList;
import java.util.List;

/** The adapter that a golden file holds, and the inputs that its values were recorded for. */
public final class GoldenAdapter {
    private GoldenAdapter() {}

    /** An adapter of a network's layers, with PEFT's tensors. */
    public static Adapter of(Kernels kernels, UNet unet, Golden golden, double scale) {
        List<LowRank> modules = new ArrayList<>();
        for (Layer layer : unet.layers()) {
            String name = "in.adapter." + layer.path();
            if (golden.names().contains(name + ".lora_A")) {
                String magnitude = name + ".dora_scale";
                LowRankStart values = LowRankStart.of(
                        golden.floats(name + ".lora_A"),
                        golden.floats(name + ".lora_B"),
                        golden.names().contains(magnitude) ? golden.floats(magnitude) : null);
                modules.add(LowRank.of(kernels, layer, scale, values, true));
            }
        }
        return new Adapter(kernels, modules);
    }

    /** What a network predicts for the file's inputs. */
    public static Activation predict(Tape tape, UNet unet, Golden golden) {
        NDManager scope = tape.scope();
        return unet.forward(
                tape,
                golden.array(scope, "in.sample"),
                scope.create(golden.longs("in.timesteps")).toType(DataType.FLOAT32, false),
                tape.input(golden.array(scope, "in.text")));
    }

    /** The same without a gradient, on the CPU. */
    static float[] predict(UNet unet, Golden golden) {
        return predict(CPU, unet, golden);
    }

    static float[] predict(Kernels kernels, UNet unet, Golden golden) {
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            return predict(tape, unet, golden).value().toFloatArray();
        }
    }
}
