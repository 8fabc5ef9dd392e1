package atelier.diffusion.text;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.Golden;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.name.Component;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEncoderGoldenTest {
    private static final LoadOptions FP32 = new LoadOptions(Precision.FP32, Use.INFERENCE);

    @ParameterizedTest
    @CsvSource({
        "sd1, TEXT_ENCODER, sd1-text",
        "sd2, TEXT_ENCODER, sd2-text",
        "odd, TEXT_ENCODER, odd-text",
        "sdxl, TEXT_ENCODER, sdxl-text",
        "sdxl, TEXT_ENCODER_2, sdxl-text_2"
    })
    void statesAgreeWithTransformers(String model, Component component, String name) {
        Golden golden = Golden.file("networks/" + name);
        long[][] ids = golden.rows("in.ids");
        try (TextEncoder encoder = TextEncoder.load(CPU, Golden.model(model).component(component), FP32)) {
            int layers = encoder.config().layers();
            for (int skip = 0; skip < layers; skip++) {
                check(encoder, ids, skip, false, golden, "out.hidden." + (layers - skip));
            }
            check(encoder, ids, 0, true, golden, "out.last");
            if (golden.names().contains("out.penultimate_normed")) {
                check(encoder, ids, 1, true, golden, "out.penultimate_normed");
            }
            String pooled = golden.names().contains("out.projected") ? "out.projected" : "out.pooled";
            try (Tape tape = Tape.inference(CPU, CPU.manager())) {
                TextEncoder.PooledStates states = encoder.pooled(tape, ids);
                assertThat(Golden.relativeError(states.pooled().value().toFloatArray(), golden.floats(pooled)))
                        .isLessThan(1e-4);
                assertThat(Golden.relativeError(
                                states.states().value().toFloatArray(), golden.floats("out.hidden." + (layers - 1))))
                        .isLessThan(1e-4);
            }
        }
    }

    private static void check(
            TextEncoder encoder, long[][] ids, int skip, boolean normed, Golden golden, String expected) {
        try (Tape tape = Tape.inference(CPU, CPU.manager())) {
            float[] states = encoder.states(tape, ids, skip, normed).value().toFloatArray();
            assertThat(Golden.relativeError(states, golden.floats(expected)))
                    .as(expected)
                    .isLessThan(1e-4);
        }
    }
}
