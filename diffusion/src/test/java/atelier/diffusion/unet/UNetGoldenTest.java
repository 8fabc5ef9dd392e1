package atelier.diffusion.unet;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.name.Component;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UNetGoldenTest {
    private static final LoadOptions ADAPTERS = new LoadOptions(Precision.FP32, Use.ADAPTERS);

    private static UNet load(String model, LoadOptions options) {
        return UNet.load(CPU, Golden.model(model).component(Component.UNET), options);
    }

    private static NDArray timesteps(Tape tape, long... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return tape.scope().create(floats);
    }

    private static UNet.@Nullable AddedConditions added(Golden golden, Tape tape) {
        if (!golden.names().contains("in.text_embeds")) {
            return null;
        }
        return new UNet.AddedConditions(
                tape.input(golden.array(tape.scope(), "in.text_embeds")), golden.array(tape.scope(), "in.time_ids"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "odd", "sdxl"})
    void predictsAsDiffusersDoes(String model) {
        Golden golden = Golden.file("networks/" + model + "-unet");
        try (UNet unet = load(model, new LoadOptions(Precision.FP32, Use.INFERENCE));
                Tape tape = Tape.inference(CPU, CPU.manager())) {
            NDManager scope = tape.scope();
            Activation prediction = unet.forward(
                    tape,
                    golden.array(scope, "in.sample"),
                    timesteps(tape, golden.longs("in.timesteps")),
                    tape.input(golden.array(scope, "in.text")),
                    added(golden, tape));
            assertThat(Golden.relativeError(prediction.value().toFloatArray(), golden.floats("out.prediction")))
                    .isLessThan(1e-4);
            Activation at500 = unet.forward(
                    tape,
                    golden.array(scope, "in.sample"),
                    timesteps(tape, 500, 500),
                    tape.input(golden.array(scope, "in.text")),
                    added(golden, tape));
            assertThat(Golden.relativeError(at500.value().toFloatArray(), golden.floats("out.prediction_at_500")))
                    .isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "odd", "sdxl"})
    void gradientsOfTheTextAgreeWithAutograd(String model) {
        gradients(model, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "odd"})
    void checkpointingChangesNoGradient(String model) {
        gradients(model, true);
    }

    private void gradients(String model, boolean checkpointing) {
        Golden golden = Golden.file("networks/" + model + "-unet");
        try (UNet unet = load(model, ADAPTERS);
                Tape tape = Tape.recording(CPU, CPU.manager())) {
            unet.checkpointing(checkpointing);
            NDManager scope = tape.scope();
            Activation text = tape.inputWithGradient(golden.array(scope, "in.text"));
            Activation prediction = unet.forward(
                    tape,
                    golden.array(scope, "in.sample"),
                    timesteps(tape, golden.longs("in.timesteps")),
                    text,
                    added(golden, tape));
            assertThat(Golden.relativeError(prediction.value().toFloatArray(), golden.floats("out.prediction")))
                    .isLessThan(1e-4);
            tape.backward(prediction, golden.array(scope, "in.prediction_gradient"));
            NDArray gradient = tape.gradient(text);
            assertThat(gradient).isNotNull();
            assertThat(Golden.relativeError(gradient.toFloatArray(), golden.floats("grad.text")))
                    .isLessThan(1e-4);
        }
    }

    @Test
    void aForwardPassLeavesNothingBehind() {
        Golden golden = Golden.file("networks/sd1-unet");
        try (UNet unet = load("sd1", ADAPTERS)) {
            int before = -1;
            for (int i = 0; i < 3; i++) {
                try (Tape tape = Tape.recording(CPU, CPU.manager())) {
                    NDManager scope = tape.scope();
                    Activation text = tape.inputWithGradient(golden.array(scope, "in.text"));
                    Activation prediction = unet.forward(
                            tape,
                            golden.array(scope, "in.sample"),
                            timesteps(tape, golden.longs("in.timesteps")),
                            text);
                    tape.backward(prediction, golden.array(scope, "in.prediction_gradient"));
                }
                int after = CPU.manager().getManagedArrays().size();
                assertThat(before == -1 || before == after).isTrue();
                before = after;
            }
        }
    }
}
