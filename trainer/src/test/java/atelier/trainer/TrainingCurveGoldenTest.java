package atelier.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A hundred steps beside diffusers and PEFT: the same start, noise and optimiser give the same losses. */
class TrainingCurveGoldenTest {
    static List<String> names() {
        return TrainingCurve.NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyLossAgreesWithDiffusersAndPeft(String name) throws Exception {
        TrainingCurve curve = TrainingCurve.run(name);
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
