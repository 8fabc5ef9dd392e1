package atelier.trainer.optimizer;

import static atelier.trainer.loop.TrainerGolden.CPU;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.loop.TrainerGolden;
import atelier.trainer.optimizer.rule.Adafactor;
import atelier.trainer.optimizer.rule.AdamW;
import atelier.trainer.optimizer.rule.AdamW8Bit;
import atelier.trainer.optimizer.rule.Lion;
import atelier.trainer.optimizer.rule.Muon;
import atelier.trainer.optimizer.rule.Prodigy;
import atelier.trainer.optimizer.rule.ScheduleFreeAdamW;
import atelier.trainer.optimizer.rule.Sgd;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * A golden case on its way: a hundred steps on given gradients, by scripts/conformance/golden/optimisers.py. As a program
 * it measures the cases of a folder: scripts/conformance/live/check_optimisers.py.
 */
public final class OptimizerCourse implements AutoCloseable {
    private static final List<Integer> KEPT = List.of(1, 2, 10, 50, 100);
    private static final Map<String, Rule> RULES = rules();

    public final TrainerGolden golden;
    final NDManager manager = CPU.manager().newSubManager();
    public final List<Parameter> parameters = new ArrayList<>();
    private final float[] scale;

    /** A case's rule with the settings of its generator. */
    private record Rule(double decay, DoubleUnaryOperator rate, Function<List<ParameterGroup>, Optimizer> make) {}

    public OptimizerCourse(TrainerGolden golden) {
        this.golden = golden;
        scale = golden.floats("in.scale");
        for (String key : golden.names()) {
            if (key.startsWith("in.parameter.")) {
                NDArray value = golden.array(manager, key);
                parameters.add(
                        new Parameter(key.substring("in.parameter.".length()), value, manager.zeros(value.getShape())));
            }
        }
    }

    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0].replaceFirst("^cases=", ""));
        ObjectNode all = new ObjectMapper().createObjectNode();
        for (String name : RULES.keySet()) {
            all.put(name, worst(name, TrainerGolden.at(folder.resolve(name + ".safetensors"))));
        }
        System.out.println(all);
    }

    public static Iterable<String> names() {
        return RULES.keySet();
    }

    /** The largest relative error of any parameter after 1, 2, 10, 50 and 100 steps. */
    public static double worst(String name, TrainerGolden golden) {
        Rule rule = RULES.get(name);
        double worst = 0;
        try (OptimizerCourse course = new OptimizerCourse(golden);
                Optimizer optimizer = rule.make.apply(course.groups(rule.decay))) {
            for (int step = 1; step <= 100; step++) {
                course.gradients(step);
                optimizer.step(rule.rate.applyAsDouble(step), step);
                if (KEPT.contains(step)) {
                    try (Optimizer.Evaluation evaluation = optimizer.evaluation()) {
                        worst = Math.max(worst, course.error(step));
                    }
                }
            }
        }
        return worst;
    }

    private static Map<String, Rule> rules() {
        AdafactorSettings fixed = new AdafactorSettings(1, -0.8, false, false, false);
        AdafactorSettings relative = new AdafactorSettings(1, -0.8, true, true, true);
        ProdigySettings plain = new ProdigySettings(1e-3, 1, 1e300, false, false);
        ProdigySettings guarded = new ProdigySettings(1e-3, 2, 1e300, true, true);
        MuonSettings original = new MuonSettings(MuonSettings.Adjust.ORIGINAL);
        MuonSettings matched = new MuonSettings(MuonSettings.Adjust.MATCH_RMS_ADAMW);
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("adamw", rule(0.05, 1e-2, groups -> new AdamW(CPU, groups, 0.9, 0.99, 1e-8)));
        rules.put("adamw8bit", rule(0.01, 1e-2, groups -> new AdamW8Bit(CPU, groups, 0.9, 0.999, 1e-8)));
        rules.put("adafactor", rule(0, 1e-2, groups -> new Adafactor(CPU, groups, 0, fixed)));
        rules.put("adafactor-momentum", rule(0.01, 1e-2, groups -> new Adafactor(CPU, groups, 0.9, fixed)));
        rules.put("adafactor-relative", rule(0, 7, groups -> new Adafactor(CPU, groups, 0, relative)));
        rules.put("prodigy", rule(0.01, 1, groups -> new Prodigy(CPU, groups, 0.9, 0.999, 1e-8, plain)));
        rules.put("prodigy-safeguard", rule(0.01, 1, groups -> new Prodigy(CPU, groups, 0.9, 0.99, 1e-8, guarded)));
        rules.put("lion", rule(0.1, 1e-3, groups -> new Lion(CPU, groups, 0.9, 0.99)));
        rules.put("sgd-nesterov", rule(0.01, 0.05, groups -> new Sgd(CPU, groups, 0.9, true)));
        rules.put("muon-original", rule(0.05, 1e-2, groups -> new Muon(CPU, groups, 0.95, true, original)));
        rules.put("muon-match-rms-adamw", rule(0.05, 1e-2, groups -> new Muon(CPU, groups, 0.95, true, matched)));
        DoubleUnaryOperator rising = step -> 1e-2 * Math.min(1, step / 10);
        rules.put(
                "schedule-free-adamw",
                new Rule(0.01, rising, groups -> new ScheduleFreeAdamW(CPU, groups, 0.9, 0.99, 1e-8)));
        return rules;
    }

    private static Rule rule(double decay, double rate, Function<List<ParameterGroup>, Optimizer> make) {
        return new Rule(decay, step -> rate, make);
    }

    public List<ParameterGroup> groups(double decay) {
        return List.of(new ParameterGroup("all", parameters, 1, decay));
    }

    public void gradients(int step) {
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
