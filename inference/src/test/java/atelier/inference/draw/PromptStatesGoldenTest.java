package atelier.inference.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the network is told, against compel, AUTOMATIC1111's rules and diffusers' textual inversions. */
class PromptStatesGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/atelier/inference");
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path folder;

    @Test
    void weightsAndLongPromptsGiveTheStatesOfCompelAndOfTheWebInterfacesRules() throws IOException {
        try (StableDiffusion model = open("sd1")) {
            compare(model, SafetensorsFile.open(GOLDEN.resolve("weighting.safetensors")), 20);
        }
    }

    @Test
    void anEmbeddingTokenOfSeveralVectorsGivesTheStatesOfDiffusers() throws IOException {
        try (StableDiffusion model = open("sd1")) {
            model.prompts().addEmbedding(TextualInversion.read(GOLDEN.resolve("cat.safetensors"), null));
            compare(model, SafetensorsFile.open(GOLDEN.resolve("learnt.safetensors")), 4);
        }
    }

    @Test
    void anEmbeddingTokenIsFoundAtWordBordersOnly() throws IOException {
        try (StableDiffusion model = open("sd1")) {
            model.prompts().addEmbedding(TextualInversion.read(GOLDEN.resolve("cat.safetensors"), "cat"));
            int vocabulary = model.prompts().encoders().get(0).config().vocabulary();
            assertThat(Arrays.stream(model.prompts().words(0, "a catalogue, CAT"))
                            .max()
                            .orElseThrow())
                    .isLessThan(vocabulary);
            assertThat(model.prompts().words(0, "cat,")).startsWith(vocabulary, vocabulary + 1, vocabulary + 2);
        }
    }

    @Test
    void anEmbeddingThatDoesNotFitIsNamed() throws IOException {
        Path pickle = Files.createFile(folder.resolve("style.pt"));
        assertThatThrownBy(() -> TextualInversion.read(pickle, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is a Python pickle")
                .hasMessageContaining("Convert it once");
        Path wide = folder.resolve("wide.safetensors");
        SafetensorsWriter.write(wide, Map.of("emb_params", TensorView.ofFloats(new float[24], 1, 24)), Map.of());
        try (StableDiffusion model = open("sd1")) {
            TextualInversion word = TextualInversion.read(wide, null);
            assertThat(word.token()).isEqualTo("wide");
            assertThatThrownBy(() -> model.prompts().addEmbedding(word))
                    .hasMessageContaining("wide.safetensors has vectors 24 wide, and the text encoder's are 32");
        }
        try (StableDiffusion model = open("sdxl")) {
            TextualInversion word = TextualInversion.read(wide, null);
            assertThatThrownBy(() -> model.prompts().addEmbedding(word))
                    .hasMessageContaining("has vectors for 1 text encoders, and the model has 2");
        }
    }

    private static void compare(StableDiffusion model, SafetensorsFile golden, int count) throws IOException {
        JsonNode prompts =
                new ObjectMapper().readTree(golden.metadata().get("facts")).get("prompts");
        assertThat(prompts.size()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            String prompt = prompts.get(i).asText();
            float[] expected = golden.tensors().get("out." + i).toFloats();
            float[] states =
                    PromptStates.of(model.prompts(), request(prompt)).with(0).states();
            assertThat(states.length).as(prompt).isEqualTo(expected.length);
            double worst = 0;
            for (int k = 0; k < states.length; k++) {
                worst = Math.max(worst, Math.abs(states[k] - expected[k]));
            }
            assertThat(worst).as(prompt).isLessThanOrEqualTo(TOLERANCE);
        }
    }

    private static ImageRequest request(String prompt) {
        SamplingSettings sampling =
                new SamplingSettings(4, SamplerKind.DDIM, null, null, 7.5, 0, 0, 1, 0, NoiseKind.TORCH);
        return new ImageRequest(prompt, "", List.of(1L), 16, 16, sampling, null, null);
    }

    private static StableDiffusion open(String name) throws IOException {
        return StableDiffusion.open(TinyModel.path(name), TinyModel.kernels(), Precision.FP32, Use.INFERENCE);
    }
}
