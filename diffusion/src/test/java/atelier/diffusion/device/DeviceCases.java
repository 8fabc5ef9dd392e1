package atelier.diffusion.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.SharedKernels;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.GoldenAdapter;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.vae.Autoencoder;
import atelier.diffusion.weights.Component;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;

/**
 * Every network, forward and back, on one device in one precision: against diffusers' and PEFT's fp32 where these are
 * recorded, and in other shapes against this project's own fp32 on the CPU.
 */
final class DeviceCases {
    private static final List<String> MODELS = List.of("sd1", "sd2", "odd", "sdxl");
    /** Pictures, and latents down and across: also such as no tile of a matrix product divides. */
    private static final int[][] SHAPES = {{1, 8, 8}, {1, 32, 32}, {2, 16, 24}, {3, 8, 16}, {5, 24, 8}};

    private final Kernels kernels;
    private final Precision precision;
    private final double forward;
    private final double backward;

    /**
     * @param forward the largest error over the largest value that is allowed in what a network gives
     * @param backward the same for gradients
     */
    DeviceCases(Kernels kernels, Precision precision, double forward, double backward) {
        this.kernels = kernels;
        this.precision = precision;
        this.forward = forward;
        this.backward = backward;
    }

    List<DynamicTest> all() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String model : MODELS) {
            add(tests, model + " text encoder", () -> text(model));
            add(tests, model + " UNet", () -> unet(model));
            add(tests, model + " autoencoder", () -> autoencoder(model));
        }
        tests.addAll(adapters(Prepack.ALL));
        for (int[] shape : SHAPES) {
            String name = shape[0] + " x " + shape[1] + " x " + shape[2];
            add(tests, "sd1 UNet and its adjoints, " + name, () -> shape("sd1", shape));
            add(tests, "sd2 UNet and its adjoints, " + name, () -> shape("sd2", shape));
        }
        return tests;
    }

    /** Predictions and gradients of adapters alone, with so many of the network's weights packed. */
    List<DynamicTest> adapters(Prepack prepack) {
        List<DynamicTest> tests = new ArrayList<>();
        String packed = prepack == Prepack.ALL ? "" : ", prepacked: " + prepack;
        for (String adapter : List.of("lora-sd1", "lora-sd2", "lora-odd", "rslora-sd1", "dora-sd1")) {
            add(tests, adapter + packed, () -> adapter(adapter, prepack));
        }
        return tests;
    }

    private void add(List<DynamicTest> tests, String name, Runnable test) {
        tests.add(dynamicTest(precision + " " + name, test::run));
    }

    private LoadOptions inference() {
        return new LoadOptions(precision, Use.INFERENCE);
    }

    private float[] floats(Tape tape, NDArray array) {
        return kernels.one(tape.scope(), "to_type", array, Precision.FP32.code())
                .toFloatArray();
    }

    private static void near(String what, float[] found, float[] expected, double tolerance) {
        assertThat(Golden.relativeError(found, expected)).as(what).isLessThan(tolerance);
    }

    private void text(String model) {
        Golden golden = Golden.file("networks/" + model + "-text");
        try (TextEncoder encoder =
                        TextEncoder.load(kernels, Golden.model(model).component(Component.TEXT_ENCODER), inference());
                Tape tape = Tape.inference(kernels, kernels.manager())) {
            Activation states = encoder.states(tape, golden.rows("in.ids"), 0, true);
            near("states", floats(tape, states.value()), golden.floats("out.last"), forward);
        }
    }

    private void unet(String model) {
        Golden golden = Golden.file("networks/" + model + "-unet");
        withUnet(model, (unet, tape) -> {
            NDManager scope = tape.scope();
            boolean added = golden.names().contains("in.text_embeds");
            Activation text = tape.learningInput(golden.array(scope, "in.text"));
            Activation prediction = unet.forward(
                    tape,
                    golden.array(scope, "in.sample"),
                    steps(scope, golden.longs("in.timesteps")),
                    text,
                    added
                            ? new UNet.AddedConditions(
                                    tape.input(golden.array(scope, "in.text_embeds")),
                                    golden.array(scope, "in.time_ids"))
                            : null);
            near("prediction", floats(tape, prediction.value()), golden.floats("out.prediction"), forward);
            tape.backward(prediction, golden.array(scope, "in.prediction_gradient"));
            near("gradient", floats(tape, tape.gradient(text)), golden.floats("grad.text"), backward);
        });
    }

    private void autoencoder(String model) {
        Golden golden = Golden.file("networks/" + model + "-vae");
        try (Autoencoder vae = Autoencoder.load(kernels, Golden.model(model).component(Component.VAE), inference());
                Tape tape = Tape.inference(kernels, kernels.manager())) {
            NDList moments = vae.moments(tape.scope(), golden.array(tape.scope(), "in.image"));
            near("mean", floats(tape, moments.get(0)), golden.floats("out.mean"), forward);
            NDArray latents = golden.array(tape.scope(), "in.latents")
                    .mul((float) vae.config().scalingFactor());
            near("image", floats(tape, vae.decode(tape.scope(), latents)), golden.floats("out.image"), forward);
        }
    }

    private void adapter(String name, Prepack prepack) {
        Golden golden = Golden.file("adapters/" + name);
        double scale = name.equals("lora-odd") ? 0.5 : name.equals("lora-sd2") || name.startsWith("rs") ? 1 : 2;
        withUnet(name.substring(name.indexOf('-') + 1), prepack, (unet, tape) -> {
            NDManager scope = tape.scope();
            try (Adapter adapter = GoldenAdapter.of(kernels, unet, golden, scale)) {
                Activation prediction = unet.forward(
                        tape,
                        golden.array(scope, "in.sample"),
                        steps(scope, golden.longs("in.timesteps")),
                        tape.input(golden.array(scope, "in.text")));
                float[] values = floats(tape, prediction.value());
                // PEFT in bf16 is off by 0.12 in lora-sd1.
                near("prediction", values, golden.floats("out.prediction"), 1.5 * forward);
                // The slope where diffusers stood: a rounded prediction must not count twice.
                float[] slope = golden.floats("out.prediction");
                float[] target = golden.floats("in.target");
                for (int i = 0; i < slope.length; i++) {
                    slope[i] = 2 * (slope[i] - target[i]) / slope.length;
                }
                tape.backward(prediction, scope.create(slope, prediction.value().getShape()));
                adapter.collect();
                double squares = 0;
                double errors = 0;
                for (Parameter parameter : adapter.parameters()) {
                    String reference = "grad."
                            + parameter.name().replace(".lora_down", ".lora_A").replace(".lora_up", ".lora_B");
                    float[] expected = golden.floats(reference);
                    float[] found = floats(tape, parameter.gradient());
                    // Sums over all places cancel nearly to nothing for some layers, and rounding stays: PEFT in bf16
                    // is off by up to 1.7 in one tensor of lora-sd1, and by 0.2 over all.
                    near(reference, found, expected, (name.equals("lora-sd1") ? 16 : 2.5) * backward);
                    for (int i = 0; i < found.length; i++) {
                        squares += expected[i] * expected[i];
                        errors += (found[i] - expected[i]) * (found[i] - expected[i]);
                    }
                }
                assertThat(Math.sqrt(errors / squares))
                        .as("all gradients together")
                        .isLessThan(backward);
            }
        });
    }

    /** What a shape gives here and what it gives in fp32 on the CPU, with the gradient of the text. */
    private void shape(String model, int[] shape) {
        List<float[]> here = new ArrayList<>();
        withUnet(model, (unet, tape) -> shape(unet, tape, shape, here));
        List<float[]> exact = new ArrayList<>();
        DeviceCases cpu = new DeviceCases(SharedKernels.CPU, Precision.FP32, 0, 0);
        cpu.withUnet(model, (unet, tape) -> cpu.shape(unet, tape, shape, exact));
        near("prediction", here.get(0), exact.get(0), forward);
        near("gradient", here.get(1), exact.get(1), backward);
    }

    private void shape(UNet unet, Tape tape, int[] shape, List<float[]> found) {
        NDManager scope = tape.scope();
        TorchRandom random = new TorchRandom(3);
        int pictures = shape[0];
        Shape latents = new Shape(pictures, 4, shape[1], shape[2]);
        int width = unet.config().contextWidth();
        float[] sample = random.normal((int) latents.size());
        float[] words = random.normal(pictures * 77 * width);
        float[] slope = random.normal(sample.length);
        Activation text = tape.learningInput(scope.create(words, new Shape(pictures, 77, width)));
        long[] times = new long[pictures];
        for (int i = 0; i < pictures; i++) {
            times[i] = 37 + 200L * i;
        }
        Activation prediction = unet.forward(tape, scope.create(sample, latents), steps(scope, times), text);
        found.add(floats(tape, prediction.value()));
        tape.backward(prediction, scope.create(slope, latents));
        found.add(floats(tape, tape.gradient(text)));
    }

    private interface Work {
        void with(UNet unet, Tape tape);
    }

    private void withUnet(String model, Work work) {
        withUnet(model, Prepack.ALL, work);
    }

    private void withUnet(String model, Prepack prepack, Work work) {
        LoadOptions options = new LoadOptions(precision, Use.ADAPTERS, prepack);
        try (UNet unet = UNet.load(kernels, Golden.model(model).component(Component.UNET), options);
                Tape tape = Tape.recording(kernels, kernels.manager())) {
            work.with(unet, tape);
        }
    }

    private static NDArray steps(NDManager scope, long... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return scope.create(floats);
    }
}
