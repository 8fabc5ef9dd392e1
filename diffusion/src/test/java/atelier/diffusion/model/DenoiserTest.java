package atelier.diffusion.model;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextStates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenoiserTest {
    private static final List<String> PROMPTS = List.of("a red fox", "");
    private static final int SIDE = 8;

    private static StableDiffusion open(String name) throws IOException {
        return open(name, CPU);
    }

    private static StableDiffusion open(String name, Kernels kernels) throws IOException {
        Path path = Path.of("src/test/resources/golden/models").resolve(name);
        return StableDiffusion.open(path, kernels, Precision.FP32, Use.INFERENCE);
    }

    private static NoisyLatents noisy(StableDiffusion model) {
        int elements = PROMPTS.size() * model.unetConfig().inChannels() * SIDE * SIDE;
        return NoisyLatents.at(500, new TorchRandom(3).normal(elements), PROMPTS.size(), SIDE, SIDE);
    }

    private static Conditioning told(TextConditioning text) {
        return Conditioning.whole(text, PROMPTS.size(), 16, 16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sdxl"})
    void drawingPredictsWhatTrainingPredictsBitForBit(String name) throws IOException {
        try (StableDiffusion model = open(name)) {
            Conditioning conditioning = told(new EncodedText(model.prompts().encode(PROMPTS, 0)));
            NoisyLatents noisy = noisy(model);
            float[] expected = new TapeDenoiser(CPU, model.unet()).predict(noisy, conditioning);
            int arrays = CPU.manager().getManagedArrays().size();
            try (DrawingDenoiser drawing = new DrawingDenoiser(model)) {
                assertThat(drawing.predict(noisy, conditioning)).isEqualTo(expected);
                assertThat(drawing.predict(noisy, conditioning))
                        .as("with the text's keys kept")
                        .isEqualTo(expected);
            }
            assertThat(CPU.manager().getManagedArrays()).hasSize(arrays);
        }
    }

    /** Fused blocks compute keys and values jointly where a text's states are given, and apart where they are kept. */
    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sdxl"})
    void onFusedBlocksDrawingPredictsWhatTrainingPredicts(String name) throws IOException {
        try (Kernels fused = Kernels.load(Device.cpu(), List.of(), new Execution(true, false));
                StableDiffusion model = open(name, fused);
                DrawingDenoiser drawing = new DrawingDenoiser(model)) {
            Conditioning conditioning = told(new EncodedText(model.prompts().encode(PROMPTS, 0)));
            float[] expected = new TapeDenoiser(fused, model.unet()).predict(noisy(model), conditioning);
            assertThat(drawing.predict(noisy(model), conditioning)).containsExactly(expected, within(1e-4f));
        }
    }

    @Test
    void textOfEncodersOnTheTapeSaysWhatEncodedTextSays() throws IOException {
        try (StableDiffusion model = open("sd1")) {
            Denoiser denoiser = new TapeDenoiser(CPU, model.unet());
            EncodedText encoded = new EncodedText(model.prompts().encode(PROMPTS, 0));
            assertThat(denoiser.predict(noisy(model), told(new TrainedText(model.prompts(), PROMPTS))))
                    .isEqualTo(denoiser.predict(noisy(model), told(encoded)));
        }
    }

    @Test
    void aUNetThatTakesAPooledTextRefusesTextWithoutOne() throws IOException {
        try (StableDiffusion model = open("sdxl")) {
            List<TextStates> texts = model.prompts().encode(PROMPTS, 0).stream()
                    .map(text -> new TextStates(text.states(), text.tokens(), text.width(), new float[0]))
                    .toList();
            Denoiser denoiser = new TapeDenoiser(CPU, model.unet());
            assertThatThrownBy(() -> denoiser.predict(noisy(model), told(new EncodedText(texts))))
                    .hasMessageContaining("the UNet takes a pooled text");
        }
    }

    @Test
    void wholePicturesAreToldAsUncropped() {
        assertThat(Conditioning.whole(upload -> null, 2, 96, 64).sizes())
                .containsExactly(96, 64, 0, 0, 96, 64, 96, 64, 0, 0, 96, 64);
    }
}
