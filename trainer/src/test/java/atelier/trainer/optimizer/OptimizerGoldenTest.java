package atelier.trainer.optimizer;

import static atelier.trainer.TrainerGolden.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.TrainerGolden;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A hundred steps on given gradients, against the libraries that each golden file names. */
class OptimizerGoldenTest {
    private static final List<Integer> KEPT = List.of(1, 2, 10, 50, 100);
    private static final ProdigySettings PRODIGY = new ProdigySettings(1e-3, 1, 1e300, false, false);

    /** A golden case on its way. */
    private static final class Course implements AutoCloseable {
        final TrainerGolden golden;
        final NDManager manager = CPU.manager().newSubManager();
        final List<Parameter> parameters = new ArrayList<>();
        final float[] scale;

        Course(String name) {
            golden = TrainerGolden.file("optimisers/" + name);
            scale = golden.floats("in.scale");
            for (String key : golden.names()) {
                if (key.startsWith("in.parameter.")) {
                    NDArray value = golden.array(manager, key);
                    parameters.add(new Parameter(
                            key.substring("in.parameter.".length()), value, manager.zeros(value.getShape())));
                }
            }
        }

        List<ParameterGroup> groups(double decay) {
            return List.of(new ParameterGroup("all", parameters, 1, decay));
        }

        void gradients(int step) {
            for (Parameter parameter : parameters) {
                float[] cycle = golden.floats("in.gradient." + parameter.name());
                float[] values = new float[(int) parameter.value().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = cycle[(step - 1) % 7 * values.length + i] * scale[step - 1];
                }
                try (NDArray gradient = manager.create(values, parameter.value().getShape())) {
                    CPU.run("copy_into", parameter.gradient(), gradient);
                }
            }
        }

        double error(int step) {
            return parameters.stream()
                    .mapToDouble(parameter -> TrainerGolden.relativeError(
                            parameter.value().toFloatArray(), golden.floats("out." + step + "." + parameter.name())))
                    .max()
                    .orElseThrow();
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    private static void follow(
            String name, double decay, DoubleUnaryOperator rate, Function<List<ParameterGroup>, Optimizer> make) {
        try (Course course = new Course(name);
                Optimizer optimizer = make.apply(course.groups(decay))) {
            for (int step = 1; step <= 100; step++) {
                course.gradients(step);
                optimizer.step(rate.applyAsDouble(step), step);
                if (KEPT.contains(step)) {
                    try (Optimizer.Evaluation evaluation = optimizer.evaluation()) {
                        assertThat(course.error(step))
                                .as("%s, step %s", name, step)
                                .isLessThan(1e-5);
                    }
                }
            }
        }
    }

    private static DoubleUnaryOperator level(double rate) {
        return step -> rate;
    }

    @Test
    void adamWIsTorchs() {
        follow("adamw", 0.05, level(1e-2), groups -> new AdamW(CPU, groups, 0.9, 0.99, 1e-8));
    }

    @Test
    void nesterovIsTorchs() {
        follow("sgd-nesterov", 0.01, level(0.05), groups -> new Sgd(CPU, groups, 0.9, true));
    }

    @Test
    void lionIsLionPytorchs() {
        follow("lion", 0.1, level(1e-3), groups -> new Lion(CPU, groups, 0.9, 0.99));
    }

    @Test
    void adafactorIsTransformers() {
        AdafactorSettings fixed = new AdafactorSettings(1, -0.8, false, false, false);
        AdafactorSettings relative = new AdafactorSettings(1, -0.8, true, true, true);
        follow("adafactor", 0, level(1e-2), groups -> new Adafactor(CPU, groups, 0, fixed));
        follow("adafactor-momentum", 0.01, level(1e-2), groups -> new Adafactor(CPU, groups, 0.9, fixed));
        follow("adafactor-relative", 0, level(7), groups -> new Adafactor(CPU, groups, 0, relative));
    }

    @Test
    void prodigyIsProdigyopts() {
        ProdigySettings guarded = new ProdigySettings(1e-3, 2, 1e300, true, true);
        follow("prodigy", 0.01, level(1), groups -> new Prodigy(CPU, groups, 0.9, 0.999, 1e-8, PRODIGY));
        follow("prodigy-safeguard", 0.01, level(1), groups -> new Prodigy(CPU, groups, 0.9, 0.99, 1e-8, guarded));
    }

    @Test
    void muonIsThePublishedAlgorithm() {
        for (MuonSettings.Adjust adjust : MuonSettings.Adjust.values()) {
            String name = adjust == MuonSettings.Adjust.ORIGINAL ? "muon-original" : "muon-match-rms-adamw";
            follow(name, 0.05, level(1e-2), groups -> new Muon(CPU, groups, 0.95, true, new MuonSettings(adjust)));
        }
    }

    @Test
    void scheduleFreeAdamWIsSchedulefrees() {
        follow(
                "schedule-free-adamw",
                0.01,
                step -> 1e-2 * Math.min(1, step / 10),
                groups -> new ScheduleFreeAdamW(CPU, groups, 0.9, 0.99, 1e-8));
    }

    @Test
    void codesAreBitsandbytesCodes() {
        TrainerGolden golden = TrainerGolden.file("optimisers/adamw8bit");
        assertThat(DynamicCodes.signed()).isEqualTo(golden.floats("out.code.signed"));
        assertThat(DynamicCodes.unsigned()).isEqualTo(golden.floats("out.code.unsigned"));
    }

    @Test
    void adamW8BitIsBitsandbytesDownToItsBytes() {
        try (Course course = new Course("adamw8bit");
                Optimizer optimizer = new AdamW8Bit(CPU, course.groups(0.01), 0.9, 0.999, 1e-8)) {
            for (int step = 1; step <= 100; step++) {
                course.gradients(step);
                optimizer.step(1e-2, step);
                if (KEPT.contains(step)) {
                    assertThat(course.error(step)).as("step %s", step).isLessThan(1e-6);
                }
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
        try (Course course = new Course("schedule-free-adamw");
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
