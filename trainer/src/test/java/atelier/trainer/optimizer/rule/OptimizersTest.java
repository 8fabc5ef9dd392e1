package atelier.trainer.optimizer.rule;

import static atelier.trainer.loop.TrainerGolden.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.loop.TrainerGolden;
import atelier.trainer.optimizer.AdafactorSettings;
import atelier.trainer.optimizer.ExponentialAverage;
import atelier.trainer.optimizer.MuonSettings;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ProdigySettings;
import atelier.trainer.state.MemoryState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public class OptimizersTest {
    public static OptimizerSettings settings(OptimizerName name) {
        return new OptimizerSettings(
                name,
                1e-2,
                null,
                0.01,
                List.of(0.9, 0.99),
                1e-8,
                0.9,
                true,
                1,
                0,
                false,
                new AdafactorSettings(1, -0.8, false, false, false),
                new ProdigySettings(1e-3, 1, 1e300, true, false),
                new MuonSettings(MuonSettings.Adjust.MATCH_RMS_ADAMW));
    }

    private static final class Run implements AutoCloseable {
        final NDManager manager = CPU.manager().newSubManager();
        final List<Parameter> parameters = new ArrayList<>();
        final Optimizer optimizer;

        Run(OptimizerName name) {
            // One tensor beyond 4096 values, one matrix, one vector.
            add("large", new Shape(70, 60));
            add("matrix", new Shape(6, 4));
            add("vector", new Shape(5));
            List<ParameterGroup> groups = List.of(
                    new ParameterGroup("first", parameters.subList(0, 2), 1, 0.01),
                    new ParameterGroup("second", parameters.subList(2, 3), 1, 0));
            optimizer = Optimizers.create(CPU, groups, settings(name));
        }

        private void add(String name, Shape shape) {
            NDArray value = manager.create(new TorchRandom(shape.size()).normal((int) shape.size()), shape);
            parameters.add(new Parameter(name, value, manager.zeros(shape)));
        }

        void steps(int from, int to) {
            for (int step = from; step <= to; step++) {
                for (Parameter parameter : parameters) {
                    Shape shape = parameter.value().getShape();
                    float[] values = new TorchRandom(step * 100L + shape.dimension()).normal((int) shape.size());
                    try (NDArray gradient = manager.create(values, shape)) {
                        CPU.run("copy_into", parameter.gradient(), gradient);
                    }
                }
                optimizer.step(1e-2, step);
            }
        }

        float[] values(int i) {
            return parameters.get(i).value().toFloatArray();
        }

        @Override
        public void close() {
            optimizer.close();
            manager.close();
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerName.class)
    void aRestoredOptimizerGoesOnBitForBit(OptimizerName name) {
        try (Run whole = new Run(name);
                Run begun = new Run(name);
                Run resumed = new Run(name)) {
            whole.steps(1, 7);
            begun.steps(1, 4);
            for (int i = 0; i < 3; i++) {
                CPU.run(
                        "copy_into",
                        resumed.parameters.get(i).value(),
                        begun.parameters.get(i).value());
            }
            MemoryState saved = MemoryState.of(begun.optimizer);
            assertThat(MemoryState.of(resumed.optimizer).tensors().keySet())
                    .isEqualTo(saved.tensors().keySet());
            saved.into(resumed.optimizer, CPU);
            resumed.steps(5, 7);
            for (int i = 0; i < 3; i++) {
                assertThat(resumed.values(i)).isEqualTo(whole.values(i));
            }
        }
    }

    @Test
    void stateIsNamedByKindAndParameter() {
        try (Run run = new Run(OptimizerName.ADAMW_8BIT)) {
            assertThat(run.optimizer.tensors().keySet())
                    .containsExactlyInAnyOrder(
                            "exp_avg.large",
                            "exp_avg_sq.large",
                            "exp_avg_max.large",
                            "exp_avg_sq_max.large",
                            "exp_avg.matrix",
                            "exp_avg_sq.matrix",
                            "exp_avg.vector",
                            "exp_avg_sq.vector");
        }
    }

    @Test
    void numbersThatAreMissingAreNamed() {
        try (Run run = new Run(OptimizerName.PRODIGY)) {
            MemoryState saved = MemoryState.of(run.optimizer);
            saved.numbers().remove("optimizer.d");
            assertThatThrownBy(() -> saved.into(run.optimizer, CPU))
                    .hasMessageContaining("lacks the number 'optimizer.d'");
        }
    }

    @Test
    void aGroupsFactorMultipliesItsRate() {
        try (NDManager manager = CPU.manager().newSubManager()) {
            List<Parameter> two = new ArrayList<>();
            for (String name : List.of("a", "b")) {
                two.add(new Parameter(name, manager.create(1f), manager.create(0.5f)));
            }
            List<ParameterGroup> groups = List.of(
                    new ParameterGroup("plain", two.subList(0, 1), 1, 0),
                    new ParameterGroup("fast", two.subList(1, 2), 16, 0));
            try (Optimizer optimizer = new Sgd(CPU, groups, 0, false)) {
                optimizer.step(0.01, 1);
            }
            assertThat(1 - two.get(0).value().getFloat()).isCloseTo(0.005f, within(1e-6f));
            assertThat(1 - two.get(1).value().getFloat()).isCloseTo(0.08f, within(1e-6f));
            assertThatThrownBy(() -> Optimizers.create(CPU, groups, settings(OptimizerName.PRODIGY)))
                    .hasMessageContaining("lora_plus_ratio");
        }
    }

    @Test
    void theMovingAverageFollowsItsFormulaAndIsLent() {
        TrainerGolden golden = TrainerGolden.file("objectives/ema");
        float[] values = golden.narrowed("in.values");
        for (boolean warm : new boolean[] {false, true}) {
            float[] expected = golden.narrowed(warm ? "out.warm" : "out.plain");
            try (NDManager manager = CPU.manager().newSubManager()) {
                NDArray value = manager.create(row(values, 0));
                Parameter parameter = new Parameter("p", value, value);
                try (ExponentialAverage average = new ExponentialAverage(
                        CPU, List.of(new ParameterGroup("all", List.of(parameter), 1, 0)), 0.95, warm)) {
                    for (int step = 1; step <= 20; step++) {
                        CPU.run("copy_into", value, manager.create(row(values, step - 1)));
                        average.update(step);
                        NDArray state = MemoryState.of(average).tensors().get("ema.p");
                        assertThat(TrainerGolden.relativeError(state.toFloatArray(), row(expected, step - 1)))
                                .isLessThan(1e-6);
                    }
                    try (Optimizer.Evaluation evaluation = average.evaluation()) {
                        assertThat(TrainerGolden.relativeError(value.toFloatArray(), row(expected, 19)))
                                .isLessThan(1e-6);
                    }
                    assertThat(value.toFloatArray()).isEqualTo(row(values, 19));
                }
            }
        }
    }

    private static float[] row(float[] table, int i) {
        return java.util.Arrays.copyOfRange(table, i * 5, i * 5 + 5);
    }

    @Test
    void aRefusalNamesTheKey() {
        assertThatThrownBy(() -> new AdafactorSettings(1, -0.8, true, false, true))
                .hasMessageContaining("optimizer.adafactor.warmup_init");
        assertThatThrownBy(() -> new ProdigySettings(0, 1, 2, true, true))
                .hasMessage("optimizer.prodigy.d0 must be above 0, got 0.0");
    }
}
