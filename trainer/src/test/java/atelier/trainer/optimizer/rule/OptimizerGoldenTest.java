package atelier.trainer.optimizer.rule;

import static atelier.trainer.loop.TrainerGolden.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.loop.TrainerGolden;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.OptimizerCourse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A hundred steps on given gradients, against the libraries that each golden file names. */
class OptimizerGoldenTest {
    static Iterable<String> names() {
        return OptimizerCourse.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRuleIsItsLibrarys(String name) {
        double bar = name.equals("adamw8bit") ? 1e-6 : 1e-5;
        assertThat(OptimizerCourse.worst(name, TrainerGolden.file("optimisers/" + name)))
                .isLessThan(bar);
    }

    @Test
    void codesAreBitsandbytesCodes() {
        TrainerGolden golden = TrainerGolden.file("optimisers/adamw8bit");
        assertThat(DynamicCodes.signed()).isEqualTo(golden.floats("out.code.signed"));
        assertThat(DynamicCodes.unsigned()).isEqualTo(golden.floats("out.code.unsigned"));
    }

    @Test
    void adamW8BitIsBitsandbytesDownToItsBytes() {
        try (OptimizerCourse course = new OptimizerCourse(TrainerGolden.file("optimisers/adamw8bit"));
                Optimizer optimizer = new AdamW8Bit(CPU, course.groups(0.01), 0.9, 0.999, 1e-8)) {
            for (int step = 1; step <= 100; step++) {
                course.gradients(step);
                optimizer.step(1e-2, step);
            }
            for (Parameter parameter : course.parameters) {
                for (String[] kind : new String[][] {{"exp_avg", "state1"}, {"exp_avg_sq", "state2"}}) {
                    byte[] bytes = new byte[(int) parameter.value().size()];
                    course.golden
                            .view("out.state." + parameter.name() + "." + kind[1])
                            .data()
                            .get(bytes);
                    assertThat(optimizer
                                    .tensors()
                                    .get(kind[0] + "." + parameter.name())
                                    .toByteArray())
                            .isEqualTo(bytes);
                }
            }
        }
    }

    @Test
    void theAverageIsLentAndTheTrainedBitsComeBack() {
        try (OptimizerCourse course = new OptimizerCourse(TrainerGolden.file("optimisers/schedule-free-adamw"));
                Optimizer optimizer = new ScheduleFreeAdamW(CPU, course.groups(0.01), 0.9, 0.99, 1e-8)) {
            for (int step = 1; step <= 100; step++) {
                course.gradients(step);
                optimizer.step(1e-2 * Math.min(1, step / 10.0), step);
            }
            NDArray value = course.parameters.get(0).value();
            float[] trained = value.toFloatArray();
            try (Optimizer.Evaluation evaluation = optimizer.evaluation()) {
                assertThat(value.toFloatArray()).isNotEqualTo(trained);
            }
            assertThat(value.toFloatArray()).isEqualTo(trained);
            for (Parameter parameter : course.parameters) {
                assertThat(TrainerGolden.relativeError(
                                parameter.value().toFloatArray(), course.golden.floats("out.y." + parameter.name())))
                        .isLessThan(1e-5);
            }
        }
    }
}
