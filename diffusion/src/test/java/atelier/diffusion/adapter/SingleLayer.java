package atelier.diffusion.adapter;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A linear layer or convolution by itself, with the weight, input and gradient of a golden file. */
final class SingleLayer implements AutoCloseable {
    static final Kernels KERNELS = Kernels.load(Device.cpu(), List.of("/kernels/single_layer.py"));

    final Golden golden;
    final JsonNode facts;
    final NDManager manager = KERNELS.manager().newSubManager();
    final BlockTensors block = new BlockTensors();
    final Layer layer;
    private final boolean linear;

    SingleLayer(String name) {
        this(Golden.file("methods/" + name));
    }

    SingleLayer(Golden golden) {
        this.golden = golden;
        try {
            facts = new ObjectMapper().readTree(golden.metadata("facts"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long[] shape = golden.view("in.weight").shape();
        linear = shape.length == 2;
        block.put("l.weight", golden.array(manager, "in.weight"));
        if (golden.names().contains("in.bias")) {
            block.put("l.bias", golden.array(manager, "in.bias"));
        }
        int kernel = linear ? 1 : (int) shape[2];
        int stride = facts.path("stride").asInt(1);
        int padding = facts.path("padding").asInt(0);
        block.number("stride", stride).number("padding", padding);
        layer = new Layer(
                "some.layer",
                Layer.Group.ATTENTION,
                linear ? Layer.Kind.LINEAR : Layer.Kind.CONVOLUTION,
                (int) shape[1],
                (int) shape[0],
                kernel,
                stride,
                padding,
                golden.names().contains("in.bias"),
                block,
                "l",
                Precision.FP32,
                (scope, precision) -> golden.array(scope, "in.weight"));
    }

    double scale() {
        if (facts.get("rank").asInt() == 0) {
            return 1;
        }
        boolean whole = golden.names().contains("in.lokr_w1") && golden.names().contains("in.lokr_w2");
        return whole ? 1 : facts.get("alpha").asDouble() / facts.get("rank").asDouble();
    }

    /** Runs forward and back; gives the output, and the gradient of the input. */
    float[][] run() {
        try (Tape tape = Tape.recording(KERNELS, KERNELS.manager())) {
            Activation x = tape.inputWithGradient(golden.array(tape.scope(), "in.x"));
            Activation y = tape.apply(new Segment(linear ? "single_linear" : "single_conv", block), x.retain());
            float[] output = y.value().toFloatArray();
            tape.backward(y, golden.array(tape.scope(), "in.y_gradient"));
            try (NDArray gradient = tape.gradient(x)) {
                return new float[][] {output, gradient.toFloatArray()};
            }
        }
    }

    /** The output alone. */
    float[] forward() {
        try (Tape tape = Tape.inference(KERNELS, KERNELS.manager())) {
            Activation x = tape.input(golden.array(tape.scope(), "in.x"));
            return tape.apply(new Segment(linear ? "single_linear" : "single_conv", block), x)
                    .value()
                    .toFloatArray();
        }
    }

    @Override
    public void close() {
        block.close();
        manager.close();
    }
}
