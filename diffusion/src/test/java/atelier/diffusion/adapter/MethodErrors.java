package atelier.diffusion.adapter;

import static atelier.diffusion.adapter.SingleLayer.KERNELS;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.AdapterInit;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How far one layer with an adapter is from a reference: output, gradients and merged weight, as largest difference over
 * largest magnitude. As a program it measures all cases of a folder: scripts/conformance/live/check_methods.py.
 *
 * @param output of the layer
 * @param gradients of its input and of every tensor that is trained, the worst of them
 * @param merged weight
 */
record MethodErrors(double output, double gradients, double merged) {
    private static final List<String> GIVEN = List.of("in.weight", "in.bias", "in.x", "in.y_gradient");

    public static void main(String[] arguments) throws IOException {
        ObjectNode all = new ObjectMapper().createObjectNode();
        try (Stream<Path> files = Files.list(Path.of(arguments[0].replaceFirst("^cases=", "")))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".safetensors", "");
                Golden golden = Golden.at(file);
                boolean part = name.equals("pissa") || name.equals("olora");
                Map<String, MethodErrors> found = part ? Map.of("start", start(golden, name)) : of(golden);
                found.forEach((kind, errors) -> all.putObject(name + " " + kind)
                        .put("output", errors.output)
                        .put("gradients", errors.gradients)
                        .put("merged", errors.merged));
            }
        }
        System.out.println(all);
    }

    /** In each of the forms that run the case: in weight space, and through the hidden state where there is one. */
    static Map<String, MethodErrors> of(Golden golden) {
        Map<String, MethodErrors> errors = new TreeMap<>();
        try (SingleLayer single = new SingleLayer(golden);
                WeightModule module = new WeightModule(KERNELS, single.layer, form(single), true)) {
            errors.put("weight", measure(single, module));
        }
        if (golden.names().stream().anyMatch(name -> name.startsWith("in.lora_down")) && throughHidden(golden)) {
            try (SingleLayer single = new SingleLayer(golden);
                    LowRank module = lowRank(single)) {
                errors.put("low rank", measure(single, module));
            }
        }
        return errors;
    }

    /** Tucker forms and lengths in LyCORIS's manner are made in weight space alone. */
    private static boolean throughHidden(Golden golden) {
        boolean lycorisLengths = golden.names().contains("in.dora_scale")
                && golden.metadata("facts").contains("\"norm_in_gradient\": true");
        return !lycorisLengths && !golden.names().contains("in.lora_mid.weight");
    }

    static WeightForm form(SingleLayer single) {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        for (String name : single.golden.names()) {
            if (name.startsWith("in.") && !GIVEN.contains(name)) {
                String role = name.substring(3);
                tensors.put(role.equals("multipliers") ? ModuleState.MULTIPLIERS : role, single.golden.view(name));
            }
        }
        boolean through = single.facts.path("norm_in_gradient").asBoolean(false);
        if (single.facts.has("train_on_input")) {
            float mark = single.facts.get("train_on_input").asBoolean() ? 1 : 0;
            tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {mark}));
        }
        double constraint = single.facts.path("constraint").asDouble(0);
        return new WeightForm(tensors, single.scale(), single.facts.get("rank").asInt(), through, constraint);
    }

    private static LowRank lowRank(SingleLayer single) {
        Golden golden = single.golden;
        String suffix = golden.names().contains("in.lora_down") ? "" : ".weight";
        boolean decomposed = golden.names().contains("in.dora_scale");
        LowRankStart values = LowRankStart.of(
                golden.floats("in.lora_down" + suffix),
                golden.floats("in.lora_up" + suffix),
                decomposed ? golden.floats("in.dora_scale") : null);
        return LowRank.of(KERNELS, single.layer, single.scale(), values, true);
    }

    private static MethodErrors measure(SingleLayer single, AdapterModule module) {
        Golden golden = single.golden;
        float[][] result = single.run();
        module.collect();
        double gradients = Golden.relativeError(result[1], golden.floats("grad.x"));
        for (Parameter parameter : module.parameters()) {
            String name = "grad." + parameter.name().substring("some.layer.".length());
            boolean multipliers = parameter.name().equals("some.layer.weight");
            String stored = multipliers ? "grad.multipliers" : golden.names().contains(name) ? name : name + ".weight";
            float[] own = parameter.gradient().toFloatArray();
            gradients = Math.max(gradients, Golden.relativeError(own, golden.floats(stored)));
        }
        try (NDManager scope = KERNELS.manager().newSubManager()) {
            NDArray merged = module.layer().base().load(scope, Precision.FP32).add(module.update(scope));
            return new MethodErrors(
                    Golden.relativeError(result[0], golden.floats("out.y")),
                    gradients,
                    Golden.relativeError(merged.toFloatArray(), golden.floats("out.merged")));
        }
    }

    /** PiSSA and OLoRA: the part of the weight that is trained, and the rest. */
    private static MethodErrors start(Golden golden, String name) {
        AdapterInit init = name.equals("pissa") ? AdapterInit.PISSA : AdapterInit.OLORA;
        try (SingleLayer single = new SingleLayer(golden);
                ResidualLowRank module = ResidualLowRank.fresh(KERNELS, single.layer, init, 4, 2)) {
            NDArray down = module.parameters().get(0).value();
            NDArray up = module.parameters().get(1).value();
            double product = Golden.relativeError(up.matMul(down).toFloatArray(), golden.floats("out.product"));
            double rest =
                    Golden.relativeError(single.block.get("l.weight").toFloatArray(), golden.floats("out.residual"));
            return new MethodErrors(product, 0, rest);
        }
    }
}
