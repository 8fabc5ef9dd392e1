package atelier.trainer.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.LowRank;
import atelier.diffusion.adapter.LowRankStart;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextStates;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.ParameterUpdate.Regularisation;
import atelier.trainer.loop.StepLimits;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.objective.Objective;
import atelier.trainer.optimizer.AdafactorSettings;
import atelier.trainer.optimizer.FlatParameters;
import atelier.trainer.optimizer.MuonSettings;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ProdigySettings;
import atelier.trainer.optimizer.rule.Optimizers;
import atelier.trainer.schedule.LearningRate;
import atelier.trainer.schedule.ScheduleName;
import atelier.trainer.schedule.ScheduleSettings;
import atelier.trainer.step.StepPlan;
import atelier.trainer.step.StepPlan.NoisedLatents;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A hundred steps of training beside a golden file that diffusers and PEFT made: the same start, noise, timesteps, text
 * and optimiser.
 *
 * @param losses of each step, ours
 * @param norms of the gradients of each step before they are cut, ours
 * @param adapter relative difference of each tensor that the file has of the adapter at the end
 * @param leftovers arrays that the steps left behind
 */
public record TrainingCurve(List<Double> losses, List<Double> norms, Map<String, Double> adapter, int leftovers) {
    /** LoRA and DoRA under four optimisers, rank-stabilised LoRA, and a cosine schedule with cut gradients. */
    public static final List<String> NAMES = List.of(
            "lora-adamw",
            "dora-adamw",
            "lora-adafactor",
            "dora-adafactor",
            "lora-prodigy",
            "dora-prodigy",
            "lora-sgd",
            "dora-sgd",
            "rslora-adamw",
            "lora-adamw-cosine-clip");

    static Golden golden(String name) {
        return Golden.at(
                Golden.REPOSITORY.resolve("trainer/src/test/resources/golden/curves/" + name + ".safetensors"));
    }

    /** Runs the steps of a golden file as the CPU does. */
    public static TrainingCurve run(String name) throws Exception {
        return run(name, Execution.on(Device.cpu()));
    }

    /** Runs the steps of a golden file. */
    static TrainingCurve run(String name, Execution execution) throws Exception {
        Golden expected = golden(name);
        Golden inputs = golden("inputs");
        JsonNode facts = new ObjectMapper().readTree(expected.metadata("facts"));
        Checkpoint checkpoint = Golden.model("sd1");
        int steps = expected.floats("out.loss").length;
        LoadOptions options = new LoadOptions(Precision.FP32, Use.ADAPTERS);
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(Optimizers.KERNELS, Objective.KERNELS), execution);
                StableDiffusion model = StableDiffusion.of(checkpoint, kernels, options);
                TrainableWeights weights = weights(kernels, model.unet(), inputs, facts);
                ParameterUpdate update = new ParameterUpdate(
                        kernels, weights, settings(facts), rate(facts, steps), Regularisation.NONE)) {
            NoiseSchedule schedule = NoiseSchedule.of(checkpoint.schedulerConfig());
            StepLimits limits = new StepLimits(steps, facts.path("clip").asDouble(0));
            // The text is the golden file's: nobody asks for that of captions.
            GoldenLoop loop = new GoldenLoop(model, weights, update, captions -> {
                throw new IllegalStateException("the text is given");
            });
            int examples = (int) inputs.view("in.latents").shape()[1];
            List<Integer> held = new ArrayList<>();
            loop.run(
                    limits,
                    examples,
                    (step, text) -> plan(inputs, (int) step - 1, schedule),
                    step -> held.add(kernels.manager().getManagedArrays().size()));
            int left = held.get(steps - 1) - held.get(0);
            Adapter adapter = Objects.requireNonNull(weights.adapters().get(Component.UNET));
            return new TrainingCurve(loop.losses(), loop.norms(), differences(adapter, expected), left);
        }
    }

    /** Largest relative difference of a curve from the golden file's. */
    public static double largest(List<Double> ours, String name, String tensor) {
        float[] expected = golden(name).floats(tensor);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(ours.get(i) - expected[i]) / expected[i]);
        }
        return largest;
    }

    private static Map<String, Double> differences(Adapter adapter, Golden expected) {
        Map<String, Double> differences = new TreeMap<>();
        for (Parameter parameter : adapter.parameters()) {
            String name = "out.adapter."
                    + parameter.name().replace(".lora_down", ".lora_A").replace(".lora_up", ".lora_B");
            if (expected.names().contains(name)) {
                differences.put(name, Golden.relativeError(parameter.value().toFloatArray(), expected.floats(name)));
            }
        }
        return differences;
    }

    private static ParameterGroup group(Adapter adapter, JsonNode facts) {
        return new ParameterGroup(
                "all",
                adapter.parameters(),
                1,
                facts.at("/settings/weight_decay").asDouble(),
                FlatParameters.of(adapter).orElse(null));
    }

    private static LearningRate rate(JsonNode facts, int steps) {
        int warmup = facts.path("warmup_then_cosine").asInt(0);
        ScheduleName shape = warmup > 0 ? ScheduleName.COSINE : ScheduleName.CONSTANT;
        return new LearningRate(
                new ScheduleSettings(shape, warmup, 0, 1, 1, 0.3),
                facts.at("/settings/lr").asDouble(),
                steps);
    }

    private static StepPlan plan(Golden inputs, int step, NoiseSchedule schedule) {
        long[] shape = inputs.view("in.latents").shape();
        int elements = (int) (shape[2] * shape[3] * shape[4]);
        int n = (int) shape[1];
        float[] noisy = new float[n * elements];
        float[] target = new float[n * elements];
        int[] timesteps = new int[n];
        List<TextStates> text = new ArrayList<>();
        long[] textShape = inputs.view("in.text").shape();
        int tokens = (int) textShape[2];
        int width = (int) textShape[3];
        for (int i = 0; i < n; i++) {
            int at = (step * n + i) * elements;
            float[] latents = Arrays.copyOfRange(inputs.floats("in.latents"), at, at + elements);
            float[] noise = Arrays.copyOfRange(inputs.floats("in.noise"), at, at + elements);
            timesteps[i] = (int) inputs.longs("in.timesteps")[step * n + i];
            System.arraycopy(schedule.addNoise(latents, noise, timesteps[i]), 0, noisy, i * elements, elements);
            System.arraycopy(noise, 0, target, i * elements, elements);
            int textAt = (step % (int) textShape[0] * n + i) * tokens * width;
            text.add(new TextStates(
                    Arrays.copyOfRange(inputs.floats("in.text"), textAt, textAt + tokens * width),
                    tokens,
                    width,
                    new float[0]));
        }
        return new StepPlan(
                new NoisedLatents(noisy, target, timesteps, new long[] {n, shape[2], shape[3], shape[4]}),
                new EncodedText(text),
                new float[n * 6],
                new double[] {1, 1},
                null);
    }

    private static TrainableWeights weights(Kernels kernels, UNet unet, Golden inputs, JsonNode facts) {
        List<LowRank> modules = new ArrayList<>();
        int rank = facts.path("rank").asInt();
        double alpha = facts.path("alpha").asDouble();
        double scale = facts.path("use_rslora").asBoolean() ? alpha / Math.sqrt(rank) : alpha / rank;
        for (Layer layer : unet.layers()) {
            String name = "in.adapter." + layer.path() + ".lora_A";
            if (inputs.names().contains(name)) {
                float[] magnitude = null;
                if (facts.path("use_dora").asBoolean()) {
                    magnitude = rowLengths(kernels, layer);
                }
                float[] up = new float[layer.outputs() * rank];
                modules.add(
                        LowRank.of(kernels, layer, scale, LowRankStart.of(inputs.floats(name), up, magnitude), true));
            }
        }
        Adapter adapter = new Adapter(kernels, modules);
        return new TrainableWeights(kernels, Map.of(Component.UNET, adapter), List.of(group(adapter, facts)));
    }

    private static float[] rowLengths(Kernels kernels, Layer layer) {
        try (NDManager scope = kernels.manager().newSubManager()) {
            NDArray base = layer.base().load(scope, Precision.FP32);
            return base.reshape(new Shape(layer.outputs(), -1))
                    .square()
                    .sum(new int[] {1})
                    .sqrt()
                    .toFloatArray();
        }
    }

    private static OptimizerSettings settings(JsonNode facts) {
        JsonNode s = facts.path("settings");
        List<Double> betas = s.has("betas")
                ? List.of(s.at("/betas/0").asDouble(), s.at("/betas/1").asDouble())
                : List.of(0.0, 0.999);
        return new OptimizerSettings(
                OptimizerName.valueOf(facts.path("optimiser").asText().toUpperCase(Locale.ROOT)),
                s.path("lr").asDouble(),
                null,
                s.path("weight_decay").asDouble(),
                betas,
                s.path("eps").isNumber() ? s.path("eps").asDouble() : 1e-8,
                s.path("momentum").asDouble(0.9),
                s.path("nesterov").asBoolean(true),
                1,
                0,
                false,
                adafactor(),
                prodigy(s),
                muon());
    }

    private static AdafactorSettings adafactor() {
        return new AdafactorSettings(1, -0.8, false, false, false);
    }

    private static ProdigySettings prodigy(JsonNode s) {
        return new ProdigySettings(s.path("d0").asDouble(1e-6), 1, Double.POSITIVE_INFINITY, true, true);
    }

    private static MuonSettings muon() {
        return new MuonSettings(MuonSettings.Adjust.ORIGINAL);
    }
}
