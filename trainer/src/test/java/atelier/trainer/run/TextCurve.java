package atelier.trainer.run;

import atelier.diffusion.Golden;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.LowRank;
import atelier.diffusion.adapter.LowRankStart;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.model.TrainedText;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.loop.TrainStep;
import atelier.trainer.loop.TrainerGolden;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.rule.AdamW;
import atelier.trainer.step.StepPlan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A training run beside one by transformers, diffusers and PEFT (scripts/conformance/golden/text_curves.py): with the
 * text encoders in the loop, or of a whole UNet. As a program it measures the cases of a folder:
 * scripts/conformance/live/check_training.py.
 */
final class TextCurve {
    private static final Kernels CPU = TrainerGolden.CPU;

    private final Golden golden;
    private final JsonNode facts;
    private final String name;

    TextCurve(Path file) throws IOException {
        this.golden = Golden.at(file);
        this.facts = new ObjectMapper().readTree(golden.metadata("facts"));
        this.name = facts.path("model").asText();
    }

    /**
     * What was found.
     *
     * @param loss largest relative difference of a step's loss
     * @param gradient largest relative error of a gradient at the first step
     * @param gradients how many were compared
     * @param strays gradients that are not zero and that the reference does not have
     * @param weight largest relative error of a weight at the end
     * @param leaked whether a step left arrays behind
     */
    record Found(double loss, double gradient, int gradients, int strays, double weight, boolean leaked) {}

    public static void main(String[] arguments) throws IOException {
        ObjectNode all = new ObjectMapper().createObjectNode();
        try (Stream<Path> files = Files.list(Path.of(arguments[0].replaceFirst("^cases=", "")))) {
            for (Path file : files.sorted().toList()) {
                Found found = new TextCurve(file).run();
                all.putObject(file.getFileName().toString().replace(".safetensors", ""))
                        .put("loss", found.loss)
                        .put("gradient", found.gradient)
                        .put("gradients", found.gradients)
                        .put("strays", found.strays)
                        .put("weight", found.weight);
            }
        }
        System.out.println(all);
    }

    Found run() throws IOException {
        boolean full = facts.has("lr");
        LoadOptions options = new LoadOptions(Precision.FP32, full ? Use.FULL : Use.ADAPTERS);
        try (StableDiffusion model = StableDiffusion.of(Golden.model(name), CPU, options)) {
            model.trainText();
            // Loaded now, so that the first step makes nothing that stays.
            model.prompts();
            Map<Component, Adapter> adapters = full ? Map.of() : adapters(model);
            List<ParameterGroup> groups = new ArrayList<>();
            double decay = facts.path("weight_decay").asDouble();
            if (full) {
                groups.add(new ParameterGroup(
                        "unet", model.unet().parameters(), facts.path("lr").asDouble(), decay));
            }
            adapters.forEach((network, adapter) -> groups.add(new ParameterGroup(
                    network.folder(),
                    named(network, adapter),
                    facts.path(network.isTextEncoder() ? "text_lr" : "unet_lr").asDouble(),
                    decay)));
            try (Optimizer optimizer = new AdamW(CPU, groups, 0.9, 0.999, 1e-8)) {
                Found found = run(model, groups, optimizer);
                adapters.values().forEach(Adapter::close);
                return found;
            }
        }
    }

    private Found run(StableDiffusion model, List<ParameterGroup> groups, Optimizer optimizer) throws IOException {
        TrainStep step = new TrainStep(CPU, model.unet());
        float[] losses = golden.floats("out.loss");
        double worst = 0;
        double gradient = 0;
        int compared = 0;
        int strays = 0;
        boolean leaked = false;
        int held = -1;
        List<Parameter> parameters =
                groups.stream().flatMap(group -> group.parameters().stream()).toList();
        for (int i = 0; i < losses.length; i++) {
            int now = CPU.manager().getManagedArrays().size();
            leaked |= held != -1 && held != now;
            held = now;
            parameters.forEach(p -> CPU.run("zero_all", new ai.djl.ndarray.NDList(p.gradient())));
            double loss = step.run(plan(model, i), TextCurve::meanSquare, 1, 1);
            worst = Math.max(worst, Math.abs(loss - losses[i]) / losses[i]);
            for (Parameter parameter : i == 0 ? parameters : List.<Parameter>of()) {
                String reference = "grad." + peftName(parameter);
                float[] own = parameter.gradient().toFloatArray();
                if (golden.names().contains(reference)) {
                    gradient = Math.max(gradient, Golden.relativeError(own, golden.floats(reference)));
                    compared++;
                } else if (!facts.has("lr")) {
                    // What lies behind the penultimate states has no part in the result.
                    for (float value : own) {
                        strays += value == 0 ? 0 : 1;
                    }
                }
            }
            optimizer.step(1, i + 1);
        }
        double weight = 0;
        for (Parameter parameter : parameters) {
            if (golden.names().contains("out." + parameter.name())) {
                weight = Math.max(
                        weight,
                        Golden.relativeError(
                                parameter.value().toFloatArray(), golden.floats("out." + parameter.name())));
            }
        }
        return new Found(worst, gradient, compared, strays, weight, leaked);
    }

    private static String peftName(Parameter parameter) {
        return parameter.name().replace(".lora_down", ".lora_A").replace(".lora_up", ".lora_B");
    }

    private static List<Parameter> named(Component network, Adapter adapter) {
        return adapter.parameters().stream()
                .map(p -> new Parameter(network.folder() + "." + p.name(), p.value(), p.gradient()))
                .toList();
    }

    private Map<Component, Adapter> adapters(StableDiffusion model) throws IOException {
        double scale = facts.path("alpha").asDouble() / facts.path("rank").asDouble();
        Map<Component, List<Layer>> networks = new EnumMap<>(Component.class);
        networks.put(Component.UNET, model.unet().layers());
        model.prompts().networks().forEach((network, encoder) -> networks.put(network, encoder.layers()));
        Map<Component, Adapter> adapters = new EnumMap<>(Component.class);
        networks.forEach((network, layers) -> {
            List<LowRank> modules = new ArrayList<>();
            for (Layer layer : layers) {
                String name = "in.adapter." + network.folder() + "." + layer.path();
                if (golden.names().contains(name + ".lora_A")) {
                    LowRankStart values =
                            LowRankStart.of(golden.floats(name + ".lora_A"), golden.floats(name + ".lora_B"), null);
                    modules.add(LowRank.of(CPU, layer, scale, values, true));
                }
            }
            adapters.put(network, new Adapter(CPU, modules));
        });
        return adapters;
    }

    private static double meanSquare(float[] prediction, StepPlan plan, float[] slope) {
        double sum = 0;
        for (int i = 0; i < slope.length; i++) {
            float difference = prediction[i] - plan.target()[i];
            sum += (double) difference * difference;
            slope[i] = 2 * difference / slope.length;
        }
        return sum / slope.length;
    }

    private StepPlan plan(StableDiffusion model, int step) throws IOException {
        long[] shape = golden.view("in.latents").shape();
        int n = (int) shape[1];
        int elements = (int) (shape[2] * shape[3] * shape[4]);
        float[] noisy = new float[n * elements];
        int[] timesteps = new int[n];
        List<String> captions = new ArrayList<>();
        float[] noise = part("in.noise", step, n * elements);
        float[] latents = part("in.latents", step, n * elements);
        for (int i = 0; i < n; i++) {
            timesteps[i] = (int) golden.longs("in.timesteps")[step * n + i];
            float[] own = Arrays.copyOfRange(latents, i * elements, (i + 1) * elements);
            float[] ownNoise = Arrays.copyOfRange(noise, i * elements, (i + 1) * elements);
            System.arraycopy(model.schedule().addNoise(own, ownNoise, timesteps[i]), 0, noisy, i * elements, elements);
            captions.add(facts.path("captions")
                    .path((step * n + i) % facts.path("captions").size())
                    .asText());
        }
        float[] sizes = golden.names().contains("in.sizes") ? part("in.sizes", step, n * 6) : new float[n * 6];
        TextConditioning text = new TrainedText(model.prompts(), captions);
        return new StepPlan(noisy, noise, timesteps, text, sizes, new double[] {1, 1}, null, new long[] {
            n, shape[2], shape[3], shape[4]
        });
    }

    private float[] part(String name, int step, int size) {
        return Arrays.copyOfRange(golden.floats(name), step * size, (step + 1) * size);
    }
}
