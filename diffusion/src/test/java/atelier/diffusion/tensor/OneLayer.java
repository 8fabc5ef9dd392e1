package atelier.diffusion.tensor;

import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;

/** A layer by itself, brought in as those of a network are: {@code l} of its block, {@code layer} in the file. */
record OneLayer(Kernels kernels, NDManager manager, LoadOptions options) {
    /** A square convolution with padding that keeps the size, on a level; below 0 on none. */
    Layer convolution(float[] weight, int inputs, int outputs, int kernel, int stride, Group group, int halvings) {
        NetworkLoader loader = loader(weight, outputs, inputs, kernel, kernel);
        if (halvings >= 0) {
            loader.level(halvings, false);
        }
        BlockTensors block = loader.block().number("stride", stride).number("padding", Math.floorDiv(kernel, 2));
        loader.convolution(block, "l", "layer", group, inputs, outputs, kernel, stride, kernel / 2);
        return loader.layers().get(0);
    }

    Layer linear(float[] weight, int inputs, int outputs) {
        NetworkLoader loader = loader(weight, outputs, inputs);
        loader.linear(loader.block(), "l", "layer", Group.ATTENTION, inputs, outputs, true);
        return loader.layers().get(0);
    }

    private NetworkLoader loader(float[] weight, long... shape) {
        StateDict weights = new StateDict(
                "test",
                Map.of(
                        "layer.weight", TensorView.ofFloats(weight, shape),
                        "layer.bias", TensorView.ofFloats(new float[(int) shape[0]], new long[] {shape[0]})),
                JsonNodeFactory.instance.objectNode());
        return new NetworkLoader(kernels, manager, weights, options);
    }
}
