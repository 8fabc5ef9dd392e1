package atelier.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.tensor.Execution;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hundred steps beside diffusers and PEFT: the same start, noise and optimiser give the same losses. */
class TrainingCurveGoldenTest {
    static List<String> names() {
        return TrainingCurve.NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyLossAgreesWithDiffusersAndPeft(String name) throws Exception {
        agree(name, TrainingCurve.run(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora-adamw", "dora-adafactor", "lora-prodigy"})
    void aGpusWayAgreesAsWell(String name) throws Exception {
        agree(name, TrainingCurve.run(name, new Execution(true, false)));
    }

    private static void agree(String name, TrainingCurve curve) {
        assertThat(TrainingCurve.largest(curve.losses(), name, "out.loss"))
                .as("losses")
                .isLessThan(1e-4);
        assertThat(TrainingCurve.largest(curve.norms(), name, "out.grad_norm"))
                .as("gradients' norms")
                .isLessThan(2e-3);
        assertThat(curve.leftovers()).as("a step leaves nothing behind").isZero();
        curve.adapter()
                .forEach((tensor, difference) ->
                        assertThat(difference).as(tensor).isLessThan(2e-3));
    }
}
