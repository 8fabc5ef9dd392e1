package atelier.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.FlatBuffer;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.optimizer.rule.Optimizers;
import atelier.trainer.optimizer.rule.OptimizersTest;
import atelier.trainer.state.MemoryState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules over parameters that lie in buffers, as on a GPU, beside the same over parameters that stand alone. */
class FlatOptimizersTest {
    private static final Kernels FUSED =
            Kernels.load(Device.cpu(), List.of(Optimizers.KERNELS), new Execution(true, false));

    /** Downs and ups in turn, as modules have them; each shape but one twice. */
    private static final List<Shape> SHAPES = List.of(
            new Shape(8, 60),
            new Shape(70, 60),
            new Shape(8, 60),
            new Shape(70, 60),
            new Shape(4, 6, 3, 3),
            new Shape(6, 4, 1, 1),
            new Shape(4, 6, 3, 3),
            new Shape(6, 4, 1, 1),
            new Shape(5));

    private static final class Run implements AutoCloseable {
        final NDManager manager = FUSED.manager().newSubManager();
        final List<Parameter> parameters = new ArrayList<>();
        final Optimizer optimizer;
        final ExponentialAverage average;

        Run(OptimizerName name, boolean flat, double weightDecay) {
            for (int i = 0; i < SHAPES.size(); i++) {
                Shape shape = SHAPES.get(i);
                NDArray value = manager.create(new TorchRandom(i + 1).normal((int) shape.size()), shape);
                parameters.add(new Parameter("p" + i, value, manager.zeros(shape)));
            }
            FlatParameters buffers = flat ? buffers() : null;
            List<Parameter> even = new ArrayList<>();
            List<Parameter> odd = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
                (i % 2 == 0 ? even : odd).add(parameters.get(i));
            }
            List<ParameterGroup> groups = List.of(
                    new ParameterGroup("even", even, 1, weightDecay, buffers),
                    new ParameterGroup("odd", odd, 1, weightDecay, buffers));
            optimizer = Optimizers.create(FUSED, groups, OptimizersTest.settings(name));
            average = new ExponentialAverage(FUSED, groups, 0.9, true);
        }

        /** Those of even places first, but for two that change places: runs of several lengths. */
        private FlatParameters buffers() {
            List<Parameter> ordered = new ArrayList<>();
            for (int i : new int[] {0, 2, 1, 4, 6, 8, 3, 5, 7}) {
                ordered.add(parameters.get(i));
            }
            return new FlatParameters(
                    FlatBuffer.of(
                            FUSED,
                            manager,
                            ordered.stream().map(Parameter::value).toList()),
                    FlatBuffer.of(
                            FUSED,
                            manager,
                            ordered.stream().map(Parameter::gradient).toList()));
        }

        void steps(int from, int to) {
            for (int step = from; step <= to; step++) {
                for (int i = 0; i < parameters.size(); i++) {
                    Shape shape = SHAPES.get(i);
                    float[] values = new TorchRandom(step * 100L + i).normal((int) shape.size());
                    try (NDArray gradient = manager.create(values, shape)) {
                        FUSED.run("copy_into", parameters.get(i).gradient(), gradient);
                    }
                }
                optimizer.step(1e-2, step);
                average.update(step);
            }
        }

        @Override
        public void close() {
            average.close();
            optimizer.close();
            manager.close();
        }
    }

    private static double difference(NDArray a, NDArray b) {
        float[] x = a.toFloatArray();
        float[] y = b.toFloatArray();
        double largest = 0;
        double most = 0;
        for (int i = 0; i < x.length; i++) {
            largest = Math.max(largest, Math.abs(x[i] - (double) y[i]));
            most = Math.max(most, Math.abs(y[i]));
        }
        return most == 0 ? largest : largest / most;
    }

    /** Iterations make rounding errors of sums in another order larger. */
    private static double bar(OptimizerName name) {
        return name == OptimizerName.MUON ? 1e-5 : 1e-6;
    }

    @ParameterizedTest
    @CsvSource({
        "ADAMW, 0.01",
        "ADAMW_8BIT, 0.01",
        "ADAFACTOR, 0",
        "ADAFACTOR, 0.01",
        "PRODIGY, 0.01",
        "LION, 0.01",
        "SGD, 0.01",
        "MUON, 0.01",
        "SCHEDULE_FREE_ADAMW, 0.01"
    })
    void everyRuleGivesTheSameNumbers(OptimizerName name, double weightDecay) {
        try (Run alone = new Run(name, false, weightDecay);
                Run flat = new Run(name, true, weightDecay)) {
            alone.steps(1, 5);
            flat.steps(1, 5);
            for (int i = 0; i < SHAPES.size(); i++) {
                assertThat(difference(
                                flat.parameters.get(i).value(),
                                alone.parameters.get(i).value()))
                        .as("%s's parameter %s", name, i)
                        .isCloseTo(0, within(bar(name)));
                String key = "ema.p" + i;
                assertThat(difference(
                                flat.average.tensors().get(key),
                                alone.average.tensors().get(key)))
                        .as(key)
                        .isCloseTo(0, within(bar(name)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerName.class)
    void aStateOfOneKindGoesOnInTheOther(OptimizerName name) {
        try (Run whole = new Run(name, false, 0.01);
                Run begun = new Run(name, false, 0.01);
                Run resumed = new Run(name, true, 0.01)) {
            whole.steps(1, 6);
            begun.steps(1, 3);
            restore(resumed, begun);
            resumed.steps(4, 6);
            try (Run back = new Run(name, false, 0.01)) {
                restore(back, resumed);
                for (int i = 0; i < SHAPES.size(); i++) {
                    assertThat(difference(
                                    back.parameters.get(i).value(),
                                    whole.parameters.get(i).value()))
                            .as("%s's parameter %s", name, i)
                            .isCloseTo(0, within(bar(name)));
                }
            }
        }
    }

    private static void restore(Run to, Run from) {
        for (int i = 0; i < SHAPES.size(); i++) {
            FUSED.run(
                    "copy_into",
                    to.parameters.get(i).value(),
                    from.parameters.get(i).value());
        }
        MemoryState saved = MemoryState.of(from.optimizer);
        assertThat(MemoryState.of(to.optimizer).tensors().keySet())
                .containsExactlyInAnyOrderElementsOf(saved.tensors().keySet());
        saved.into(to.optimizer, FUSED);
    }

    @Test
    void theAverageIsLentAndTheTrainedBitsComeBack() {
        try (Run run = new Run(OptimizerName.SCHEDULE_FREE_ADAMW, true, 0)) {
            run.steps(1, 3);
            float[] trained = run.parameters.get(1).value().toFloatArray();
            try (Optimizer.Evaluation evaluation = run.optimizer.evaluation()) {
                assertThat(run.parameters.get(1).value().toFloatArray()).isNotEqualTo(trained);
            }
            assertThat(run.parameters.get(1).value().toFloatArray()).isEqualTo(trained);
            try (Optimizer.Evaluation evaluation = run.average.evaluation()) {
                assertThat(run.parameters.get(1).value().toFloatArray()).isNotEqualTo(trained);
            }
            assertThat(run.parameters.get(1).value().toFloatArray()).isEqualTo(trained);
        }
    }
}
