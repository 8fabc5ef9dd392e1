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
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.StepLimits;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.TrainerGolden;
import atelier.trainer.optimizer.AdafactorSettings;
import atelier.trainer.optimizer.MuonSettings;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ProdigySettings;
import atelier.trainer.schedule.LearningRate;
import atelier.trainer.schedule.ScheduleName;
import atelier.trainer.schedule.ScheduleSettings;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    public static void main(String[] arguments) throws Exception {
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

    Found run() throws Exception {
        boolean full = facts.has("lr");
        LoadOptions options = new LoadOptions(Precision.FP32, full ? Use.FULL : Use.ADAPTERS);
        try (StableDiffusion model = StableDiffusion.of(Golden.model(name), CPU, options)) {
            model.trainText();
            // Loaded now, so that the first step makes nothing that stays.
            model.prompts();
            int steps = golden.floats("out.loss").length;
            try (TrainableWeights weights = weights(model, full);
                    ParameterUpdate update = new ParameterUpdate(
                            CPU, weights, adamW(), rate(steps), ParameterUpdate.Regularisation.NONE)) {
                return run(model, weights, update, steps);
            }
        }
    }

    private TrainableWeights weights(StableDiffusion model, boolean full) throws IOException {
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
        return new TrainableWeights(CPU, adapters, groups);
    }

    /** At rate 1 the groups' factors are their rates. */
    private static OptimizerSettings adamW() {
        return new OptimizerSettings(
                OptimizerName.ADAMW,
                1,
                null,
                0,
                List.of(0.9, 0.999),
                1e-8,
                0.9,
                true,
                1,
                0,
                false,
                new AdafactorSettings(1, -0.8, false, false, false),
                new ProdigySettings(1e-6, 1, Double.POSITIVE_INFINITY, true, true),
                new MuonSettings(MuonSettings.Adjust.ORIGINAL));
    }

    private static LearningRate rate(int steps) {
        return new LearningRate(new ScheduleSettings(ScheduleName.CONSTANT, 0, 0, 1, 1, 0.3), 1, steps);
    }

    private Found run(StableDiffusion model, TrainableWeights weights, ParameterUpdate update, int steps)
            throws Exception {
        GoldenLoop loop =
                new GoldenLoop(model, weights, update, captions -> new TrainedText(model.prompts(), captions));
        Gradients first = new Gradients();
        Set<Integer> held = new HashSet<>();
        int examples = (int) golden.view("in.latents").shape()[1];
        loop.run(new StepLimits(steps, 0), examples, (step, text) -> plan(model, (int) step - 1, text), step -> {
            if (step == 1) {
                first.compare(weights.parameters());
            }
            held.add(CPU.manager().getManagedArrays().size());
        });
        float[] losses = golden.floats("out.loss");
        double worst = 0;
        for (int i = 0; i < losses.length; i++) {
            worst = Math.max(worst, Math.abs(loop.losses().get(i) - losses[i]) / losses[i]);
        }
        double weight = 0;
        for (Parameter parameter : weights.parameters()) {
            if (golden.names().contains("out." + parameter.name())) {
                weight = Math.max(
                        weight,
                        Golden.relativeError(
                                parameter.value().toFloatArray(), golden.floats("out." + parameter.name())));
            }
        }
        return new Found(worst, first.worst, first.compared, first.strays, weight, held.size() > 1);
    }

    /** Gradients of the first step beside the file's. */
    private final class Gradients {
        private double worst;
        private int compared;
        private int strays;

        void compare(List<Parameter> parameters) {
            for (Parameter parameter : parameters) {
                String reference = "grad." + peftName(parameter);
                float[] own = parameter.gradient().toFloatArray();
                if (golden.names().contains(reference)) {
                    worst = Math.max(worst, Golden.relativeError(own, golden.floats(reference)));
                    compared++;
                } else if (!facts.has("lr")) {
                    // What lies behind the penultimate states has no part in the result.
                    for (float value : own) {
                        strays += value == 0 ? 0 : 1;
                    }
                }
            }
        }
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

    private StepPlan plan(StableDiffusion model, int step, TextConditioning.Source text) throws IOException {
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
        return new StepPlan(
                new StepPlan.NoisedLatents(noisy, noise, timesteps, new long[] {n, shape[2], shape[3], shape[4]}),
                text.of(captions),
                sizes,
                new double[] {1, 1},
                null);
    }

    private float[] part(String name, int step, int size) {
        return Arrays.copyOfRange(golden.floats(name), step * size, (step + 1) * size);
    }
}
