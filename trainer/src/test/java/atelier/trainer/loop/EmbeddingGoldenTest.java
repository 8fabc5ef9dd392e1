package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.diffusion.Golden;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TrainedText;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.NewToken;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.text.TrainedTokens;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.trainer.optimizer.AdafactorSettings;
import atelier.trainer.optimizer.MuonSettings;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroups;
import atelier.trainer.optimizer.ProdigySettings;
import atelier.trainer.optimizer.rule.Optimizers;
import atelier.trainer.step.StepPlan;
import atelier.trainer.step.StepPlan.NoisedLatents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Textual inversion against diffusers' scripts: prediction, loss, gradients, AdamW's step, and the norm that is kept. */
class EmbeddingGoldenTest {
    private static final Path GOLDEN = Golden.REPOSITORY.resolve("trainer/src/test/resources/golden/embeddings");
    private static final List<String> PROMPTS = List.of("a picture of <cat>, red", "wug and <cat>");
    private static final double RATE = 0.01;

    @ParameterizedTest
    @CsvSource({"sd1, false", "sdxl, false", "sd1, true", "sdxl, true"})
    void newTokensTrainAsInDiffusers(String name, boolean fused) throws Exception {
        Golden golden = Golden.at(GOLDEN.resolve(name + ".safetensors"));
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(Optimizers.KERNELS), new Execution(fused, false));
                StableDiffusion model = StableDiffusion.of(
                        Golden.model(name), kernels, new LoadOptions(Precision.FP32, Use.ADAPTERS))) {
            model.trainText();
            PromptEncoder prompts = model.prompts();
            TrainedTokens tokens =
                    prompts.trainTokens(List.of(token(golden, "<cat>", 0, 2), token(golden, "wug", 2, 1)), 1);
            Map<Component, Parameter> parameters = tokens.parameters();
            TrainableWeights weights = new TrainableWeights(
                    kernels,
                    Map.of(),
                    new TrainableWeights.Tokens(tokens, true),
                    ParameterGroups.of(parameters, null, adamW()));
            StepPlan plan = plan(golden, prompts);
            double loss = new TrainStep(kernels, model.unet()).run(plan, EmbeddingGoldenTest::meanSquare, 1, 1);
            assertThat(loss).isCloseTo(golden.floats("out.loss")[0], within(1e-5));
            parameters.forEach((network, parameter) -> assertThat(Golden.relativeError(
                            parameter.gradient().toFloatArray(), golden.floats("grad." + network.folder())))
                    .as("gradient of %s", network)
                    .isLessThan(1e-4));
            try (Optimizer optimizer = Optimizers.create(kernels, weights.groups(), adamW())) {
                optimizer.step(RATE, 1);
            }
            check(golden, parameters, "out.after.");
            weights.keepNorms();
            check(golden, parameters, "out.kept.");
            try (TrainableWeights.AtStrength off = weights.at(0)) {
                check(golden, parameters, "in.start.");
            }
            check(golden, parameters, "out.kept.");
            List<TextualInversion> states = weights.embeddings();
            assertThat(states).extracting(TextualInversion::token).containsExactly("<cat>", "wug");
            assertThat(states).extracting(TextualInversion::count).containsExactly(2, 1);
        }
    }

    private static void check(Golden golden, Map<Component, Parameter> parameters, String prefix) {
        parameters.forEach((network, parameter) -> assertThat(Golden.relativeError(
                        parameter.value().toFloatArray(), golden.floats(prefix + network.folder())))
                .as(prefix + network)
                .isLessThan(1e-5));
    }

    /** A token that begins as some of the file's rows. */
    private static NewToken token(Golden golden, String token, int first, int count) {
        List<TensorView> vectors = new ArrayList<>();
        for (String part : List.of("text_encoder", "text_encoder_2")) {
            if (golden.names().contains("in.start." + part)) {
                int width = (int) golden.view("in.start." + part).shape()[1];
                float[] rows =
                        Arrays.copyOfRange(golden.floats("in.start." + part), first * width, (first + count) * width);
                vectors.add(TensorView.ofFloats(rows, count, width));
            }
        }
        return new NewToken(token, count, null, new TextualInversion(Path.of("golden"), token, vectors));
    }

    private static StepPlan plan(Golden golden, PromptEncoder prompts) {
        long[] steps = golden.longs("in.timesteps");
        return new StepPlan(
                new NoisedLatents(
                        golden.floats("in.noisy"),
                        golden.floats("in.noise"),
                        new int[] {(int) steps[0], (int) steps[1]},
                        golden.view("in.noisy").shape()),
                new TrainedText(prompts, PROMPTS),
                golden.floats("in.sizes"),
                new double[] {1, 1},
                null);
    }

    private static double meanSquare(float[] prediction, StepPlan plan, float[] slope) {
        double sum = 0;
        for (int i = 0; i < slope.length; i++) {
            double difference = prediction[i] - plan.target()[i];
            slope[i] = (float) (2 * difference / slope.length);
            sum += difference * difference / slope.length;
        }
        return sum;
    }

    private static OptimizerSettings adamW() {
        return new OptimizerSettings(
                OptimizerName.ADAMW,
                RATE,
                null,
                0.1,
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
}
