package atelier.evaluation.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import atelier.common.console.Progress;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.ModelSource;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.evaluation.measure.EvaluationGolden;
import atelier.inference.draw.TextToImage;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the bundled base model, with an adapter that changes one layer. */
class PairedSamplerTest {
    private static final Path BASE = EvaluationGolden.REPOSITORY.resolve("checkpoints/base");
    private static final SamplingSettings SAMPLING =
            new SamplingSettings(2, SamplerKind.DDIM, null, null, 4, 0, 0, 1, 0, NoiseKind.TORCH);

    @TempDir
    static Path folder;

    private static Kernels kernels;
    private static PairedSampler sampler;

    @BeforeAll
    static void open() throws IOException {
        kernels = Kernels.load(Device.cpu());
        Path adapter = folder.resolve("adapter.safetensors");
        String layer = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q";
        int width = 192;
        float[] down = new float[width];
        float[] up = new float[width];
        for (int i = 0; i < width; i++) {
            down[i] = (float) Math.sin(i);
            up[i] = (float) Math.cos(3 * i);
        }
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put(layer + ".lora_down.weight", TensorView.ofFloats(down, 1, width));
        tensors.put(layer + ".lora_up.weight", TensorView.ofFloats(up, width, 1));
        tensors.put(layer + ".alpha", TensorView.ofFloats(new float[] {1}));
        SafetensorsWriter.write(adapter, tensors, Map.of());
        sampler = new PairedSampler(
                ModelSource.of(BASE), adapter, kernels, Precision.FP32, new DrawSettings(SAMPLING, "", 0, 2));
    }

    @AfterAll
    static void close() {
        kernels.close();
    }

    @Test
    void strengthZeroEqualsTheBaseAndFullStrengthDoesNot() throws IOException {
        List<String> prompts = List.of("red apple", "fox");
        Drawings base = sampler.draw(0, prompts, 2, 7, Progress.silent());
        assertThat(sampler.zeroEqualsBase(base, 2)).isTrue();
        Drawings adapted = sampler.draw(1, prompts, 2, 7, Progress.silent());
        assertThat(adapted.seeds()).isEqualTo(base.seeds()).containsExactly(List.of(7L, 8L), List.of(9L, 10L));
        assertThat(adapted.all().get(0).rgb()).isNotEqualTo(base.all().get(0).rgb());
    }

    @Test
    void picturesOfSeveralPromptsInOneBatchAreThoseOfEachPromptAlone() throws IOException {
        List<String> prompts = List.of("red apple", "fox", "a (tree:1.2)");
        List<List<Long>> seeds = PairedSampler.seeds(3, 1, 2, 7);
        assertThat(seeds).containsExactly(List.of(7L), List.of(9L), List.of(11L));
        PairedSampler one = new PairedSampler(
                ModelSource.of(BASE), null, kernels, Precision.FP32, new DrawSettings(SAMPLING, "", 0, 4));
        Drawings mixed = one.with(1, model -> one.draw(model, 1, prompts, seeds, Progress.silent()));
        for (int i = 0; i < prompts.size(); i++) {
            // Three rows, as in the mixed batch, since their number decides kernels.
            List<Long> own = List.of(seeds.get(i).get(0), 50L, 51L);
            ImageRequest request = new ImageRequest(prompts.get(i), "", own, 128, 128, SAMPLING, null, null);
            Pixels alone = one.with(
                    1,
                    model -> Pictures.of(new TextToImage(model).draw(request, (done, all, latents) -> true))
                            .get(0));
            assertThat(mixed.pictures().get(i).get(0).rgb()).as(prompts.get(i)).isEqualTo(alone.rgb());
        }
    }

    @Test
    void aPicturesLossDoesNotDependOnItsCompany() throws IOException {
        Pixels one =
                sampler.draw(0, List.of("fox"), 1, 3, Progress.silent()).all().get(0);
        double[] alone = sampler.with(0, model -> losses(model, List.of(one)));
        double[] together = sampler.with(0, model -> losses(model, List.of(one, one)));
        assertThat(together[0]).isCloseTo(alone[0], Offset.offset(1e-5));
        assertThat(together[1]).isNotEqualTo(together[0]);
    }

    private static double[] losses(StableDiffusion model, List<Pixels> pictures) throws IOException {
        Denoising denoising = new Denoising(model, 2, 5, 4);
        return denoising.losses(
                denoising.latents(pictures),
                pictures.stream().map(picture -> "fox").toList());
    }
}
