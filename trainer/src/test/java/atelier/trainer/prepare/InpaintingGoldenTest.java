package atelier.trainer.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.common.image.PixelPlanes;
import atelier.datasets.decode.DecodeSettings;
import atelier.diffusion.Golden;
import atelier.diffusion.InpaintingModel;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.HeldOutLoss;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextStates;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.cache.TensorCache;
import atelier.trainer.loop.TrainStep;
import atelier.trainer.step.RandomMask;
import atelier.trainer.step.StepPlan;
import atelier.trainer.step.StepPlan.NoisedLatents;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training step of an inpainting base, and its masks, against diffusers' example script. */
class InpaintingGoldenTest {
    private static final Path GOLDEN = Golden.REPOSITORY.resolve("trainer/src/test/resources/golden/inpainting");

    @TempDir
    Path folder;

    @Test
    void theStepOfAGivenPictureAndMaskIsDiffusers() throws IOException {
        Golden golden = Golden.at(GOLDEN.resolve("step.safetensors"));
        Path base = InpaintingModel.write(folder.resolve("model"), golden.view("in.conv_in"));
        long[] size = golden.view("in.pixels").shape();
        int height = (int) size[2];
        int width = (int) size[3];
        try (Kernels kernels = Kernels.load(Device.cpu());
                StableDiffusion model = StableDiffusion.of(
                        Checkpoint.open(base), kernels, new LoadOptions(Precision.FP32, Use.ADAPTERS));
                CacheFolder disk = CacheFolder.of(folder.resolve("cache"), line -> {})) {
            LatentCache cache = new LatentCache(model, disk, "a", new DecodeSettings(1L << 30, 0xFFFFFF));
            InpaintingInputs inputs = new InpaintingInputs(model, cache, disk, null);
            float[] pixels = golden.floats("in.pixels");
            float[] mask = golden.floats("in.mask");
            TensorCache.Entry own = cache.encode(pixels, height, width);
            TensorCache.Entry masked = cache.encode(InpaintingInputs.without(pixels, mask), height, width);
            int factor = model.autoencoderConfig().factor();
            float[] small = PixelPlanes.nearest(mask, width, height, factor);
            float[] conditions = inputs.joined(small, masked, golden.floats("in.draw.masked"));
            // The same draw and scale, for the picture itself, behind an empty mask.
            float[] latents = inputs.joined(new float[0], own, golden.floats("in.draw.latents"));
            float[] noise = golden.floats("in.draw.noise");
            int timestep = (int) golden.longs("in.timestep")[0];
            float[] noisy = model.schedule().addNoise(latents, noise, timestep);
            long[] shape = {1, 4, height / factor, width / factor};
            long[] words = golden.view("in.text").shape();
            TextStates text = new TextStates(golden.floats("in.text"), (int) words[1], (int) words[2], new float[0]);
            StepPlan plan = new StepPlan(
                            new NoisedLatents(noisy, noise, new int[] {timestep}, shape),
                            new EncodedText(List.of(text)),
                            new float[6],
                            new double[] {1},
                            null)
                    .conditioned(conditions);
            assertThat(Golden.relativeError(plan.input(), golden.floats("out.input")))
                    .isLessThan(1e-5);
            float[] prediction = new TrainStep(kernels, model.unet()).predict(plan);
            assertThat(Golden.relativeError(prediction, golden.floats("out.prediction")))
                    .isLessThan(1e-5);
            assertThat(HeldOutLoss.of(prediction, noise)).isCloseTo(golden.floats("out.loss")[0], within(1e-5));
        }
    }

    /** Rectangles to the pixel; Pillow rounds ellipses' edges in its own manner. */
    @Test
    void masksAreDrawnAsPillowDrawsThem() throws IOException {
        Golden golden = Golden.at(GOLDEN.resolve("masks.safetensors"));
        JsonNode boxes = new ObjectMapper().readTree(golden.metadata("facts")).get("boxes");
        int ellipses = 0;
        for (int i = 0; i < boxes.size(); i++) {
            JsonNode box = boxes.get(i);
            boolean ellipse = box.get(4).asInt() == 1;
            float[] ours = new RandomMask(
                            box.get(0).asInt(),
                            box.get(1).asInt(),
                            box.get(2).asInt(),
                            box.get(3).asInt(),
                            ellipse)
                    .pixels(32, 24);
            float[] theirs = golden.floats("out." + i);
            int different = 0;
            int covered = 0;
            for (int p = 0; p < ours.length; p++) {
                different += ours[p] == theirs[p] ? 0 : 1;
                covered += theirs[p] > 0 ? 1 : 0;
            }
            ellipses += ellipse ? 1 : 0;
            assertThat(different).as("mask %s of %s pixels", i, covered).isLessThanOrEqualTo(ellipse ? 8 : 0);
        }
        assertThat(ellipses).isBetween(4, 12);
    }

    @Test
    void randomMasksAreOfEverySizeAndInside() {
        double covered = 0;
        int ellipses = 0;
        int empty = 0;
        int n = 2000;
        for (int i = 0; i < n; i++) {
            RandomMask mask = RandomMask.draw(32, 24, new TorchRandom(i));
            assertThat(mask.left()).isBetween(0, mask.right());
            assertThat(mask.top()).isBetween(0, mask.bottom());
            assertThat(mask.right()).isLessThanOrEqualTo(32);
            assertThat(mask.bottom()).isLessThanOrEqualTo(24);
            ellipses += mask.ellipse() ? 1 : 0;
            double share = 0;
            for (float pixel : mask.pixels(32, 24)) {
                share += pixel;
            }
            covered += share / (32 * 24) / n;
            empty += share == 0 ? 1 : 0;
        }
        assertThat(ellipses).isBetween(900, 1100);
        // Half of each side on average: a quarter of rectangles, pi / 16 of ellipses.
        assertThat(covered).isBetween(0.2, 0.28);
        assertThat(empty).isLessThan(n / 20);
    }
}
