package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.KohyaWriter;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.adapter.math.AdapterArithmetic.Strength;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GLoRA, IA3, OFT, BOFT, norms and biases on whole networks, against LyCORIS: files, passes both ways, and a step. */
class NetworkMethodsGoldenTest {
    private static final LoadOptions FP32 = new LoadOptions(Precision.FP32, Use.ADAPTERS);
    private static final double FORWARD = 1e-5;
    private static final double GRADIENTS = 1e-4;

    @TempDir
    Path folder;

    /** A network with what it is asked and the gradient that goes back. */
    private interface Network extends AutoCloseable {
        List<Layer> adaptable();

        Activation forward(Tape tape);

        float[] slope(float[] seen);

        @Override
        void close();
    }

    private record OnUNet(UNet unet, Golden golden) implements Network {
        @Override
        public List<Layer> adaptable() {
            return unet.adaptable();
        }

        @Override
        public Activation forward(Tape tape) {
            return GoldenAdapter.predict(tape, unet, golden);
        }

        @Override
        public float[] slope(float[] seen) {
            float[] target = golden.floats("in.target");
            float[] slope = new float[seen.length];
            for (int i = 0; i < slope.length; i++) {
                slope[i] = 2 * (seen[i] - target[i]) / seen.length;
            }
            return slope;
        }

        @Override
        public void close() {
            unet.close();
        }
    }

    private record OnText(TextEncoder encoder, Golden golden) implements Network {
        @Override
        public List<Layer> adaptable() {
            return encoder.adaptable();
        }

        @Override
        public Activation forward(Tape tape) {
            long[] flat = golden.longs("in.ids");
            long[][] ids = new long[2][flat.length / 2];
            for (int i = 0; i < flat.length; i++) {
                ids[i / ids[0].length][i % ids[0].length] = flat[i];
            }
            return encoder.states(tape, ids, 0, true);
        }

        @Override
        public float[] slope(float[] seen) {
            return golden.floats("in.last_gradient");
        }

        @Override
        public void close() {
            encoder.close();
        }
    }

    private static Component component(String name) {
        return name.endsWith("-text") ? Component.TEXT_ENCODER : Component.UNET;
    }

    private static Network network(Kernels kernels, String name, Golden golden, StateDict weights) {
        return component(name) == Component.UNET
                ? new OnUNet(UNet.load(kernels, weights, FP32), golden)
                : new OnText(TextEncoder.load(kernels, weights, FP32), golden);
    }

    private static float[] forward(Kernels kernels, Network network) {
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            return network.forward(tape).value().toFloatArray();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "glora-unet",
                "ia3-unet",
                "oft-unet",
                "boft-unet",
                "biases-unet",
                "glora-text",
                "ia3-text",
                "oft-text",
                "boft-text",
                "biases-text"
            })
    void lycorisFilesPassesGradientsAndAStepAgree(String name) throws IOException {
        agree(name, CPU);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ia3-unet", "oft-unet", "biases-unet", "ia3-text", "biases-text"})
    void soTheyDoInAGpusWay(String name) throws IOException {
        try (Kernels fused = Kernels.load(Device.cpu(), List.of(), new Execution(true, false))) {
            agree(name, fused);
        }
    }

    private void agree(String name, Kernels kernels) throws IOException {
        Golden golden = Golden.file("networks-methods/" + name);
        Map<String, TensorView> theirs = new TreeMap<>();
        golden.names().stream()
                .filter(key -> key.startsWith("in.adapter."))
                .forEach(key -> theirs.put(key.substring("in.adapter.".length()), golden.view(key)));
        Path file = folder.resolve("theirs.safetensors");
        SafetensorsWriter.write(file, theirs, Map.of());
        AdapterState state = AdapterFile.read(file, null);
        assertThat(state.unread()).isEmpty();
        Checkpoint base = Golden.model("sd1");
        Component component = component(name);
        try (Network network = network(kernels, name, golden, base.component(component));
                Adapter adapter = AdapterFiles.attach(kernels, network.adaptable(), state.of(component), true)) {
            assertThat(adapter.modules())
                    .hasSizeGreaterThanOrEqualTo(state.modules().size());
            adapter.zeroGradients();
            try (Tape tape = Tape.recording(kernels, kernels.manager())) {
                Activation seen = network.forward(tape);
                float[] values = seen.value().toFloatArray();
                assertThat(Golden.relativeError(values, golden.floats("out.seen")))
                        .isLessThan(FORWARD);
                NDArray slope = tape.scope()
                        .create(
                                network.slope(values),
                                new Shape(seen.value().getShape().getShape()));
                tape.backward(seen, slope);
            }
            adapter.collect();
            assertThat(adapter.parameters()).hasSize((int) golden.names().stream()
                    .filter(key -> key.startsWith("grad."))
                    .count());
            for (Parameter parameter : adapter.parameters()) {
                String key = "grad." + key(parameter.name(), component);
                assertThat(Golden.relativeError(parameter.gradient().toFloatArray(), golden.floats(key)))
                        .as(key)
                        .isLessThan(GRADIENTS);
            }
            sameFile(AdapterFiles.state(adapter, component), theirs);
            step(
                    kernels,
                    adapter,
                    new ObjectMapper()
                            .readTree(golden.metadata("facts"))
                            .get("rate")
                            .asDouble());
            assertThat(Golden.relativeError(forward(kernels, network), golden.floats("out.after")))
                    .isLessThan(FORWARD);
        }
        StateDict weights = base.component(component);
        Map<String, TensorSource> merged =
                AdapterArithmetic.merged(weights, component, List.of(new Weighted(state, Strength.all(1))));
        Checkpoint whole = base.withWeights(component, merged);
        try (Network network = network(kernels, name, golden, whole.component(component))) {
            assertThat(Golden.relativeError(forward(kernels, network), golden.floats("out.seen")))
                    .isLessThan(FORWARD);
        }
    }

    /** What is written is what LyCORIS wrote: names, shapes and numbers. */
    private void sameFile(AdapterState state, Map<String, TensorView> theirs) throws IOException {
        Path file = folder.resolve("ours.safetensors");
        KohyaWriter.write(state, file, DType.F32, ModelFamily.SD1, ModuleNames.stableDiffusion(), Map.of());
        Map<String, TensorView> ours = new TreeMap<>(SafetensorsFile.open(file).tensors());
        ours.keySet().removeIf(key -> key.endsWith(".alpha") && !theirs.containsKey(key));
        assertThat(ours.keySet()).isEqualTo(theirs.keySet());
        theirs.forEach((key, tensor) -> {
            boolean number = tensor.elements() == 1;
            assertThat(number ? new long[0] : ours.get(key).shape())
                    .as(key)
                    .isEqualTo(number ? new long[0] : tensor.shape());
            assertThat(ours.get(key).toFloats()).as(key).isEqualTo(tensor.toFloats());
        });
    }

    private static void step(Kernels kernels, Adapter adapter, double rate) {
        for (Parameter parameter : adapter.parameters()) {
            try (NDManager scope = kernels.manager().newSubManager()) {
                NDArray moved = parameter.value().duplicate();
                moved.attach(scope);
                NDArray change = parameter.gradient().mul(-rate);
                change.attach(scope);
                kernels.run("copy_into", parameter.value(), moved.add(change));
            }
        }
        adapter.refresh();
    }

    /** The name in kohya's format of what a parameter is called here. */
    private static String key(String name, Component component) {
        int dot = name.lastIndexOf('.');
        String path = name.substring(0, dot);
        String role = name.substring(dot + 1);
        boolean norm = path.contains("norm");
        String stored = switch (role) {
            case "diff" -> norm ? "w_norm" : "diff";
            case "diff_b" -> norm ? "b_norm" : "diff_b";
            case "a1", "a2", "b1", "b2" -> role + ".weight";
            default -> role;
        };
        return (component == Component.UNET ? "lora_unet_" : "lora_te_") + path.replace('.', '_') + "." + stored;
    }
}
