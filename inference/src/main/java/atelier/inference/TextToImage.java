package atelier.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.RandomSource;
import atelier.diffusion.unet.UNetConfig;
import atelier.diffusion.vae.AutoencoderConfig;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.SamplerNoise;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Draws pictures with a model: from words, from another picture, or inside a mask. For a seed, a prompt and a sampler the
 * result is the one of diffusers' pipelines, whose order of random draws is kept: those for the starting picture's latent,
 * the noise, the masked picture's latent, then the sampler's.
 */
public final class TextToImage {
    private final StableDiffusion model;

    /** @param model stays the caller's */
    public TextToImage(StableDiffusion model) {
        this.model = model;
    }

    /** The side, in pixels, of the pictures that the model was trained on. */
    public int nativeSize() {
        return model.unet().config().sampleSize() * factor();
    }

    /**
     * Draws.
     *
     * @return one picture a seed
     * @throws IllegalArgumentException if the model cannot do what is asked, naming the key
     * @throws CancellationException if {@code progress} says to stop
     */
    public List<BufferedImage> draw(ImageRequest request, DrawingProgress progress) throws IOException {
        check(request);
        List<RandomSource> generators =
                request.seeds().stream().map(request.sampling().noise()::source).toList();
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            Words words = Words.of(model.prompts(), request);
            Size size = new Size(request.width(), request.height(), factor());
            float[] latents = pass(scope, request, words, size, request.start(), generators, progress);
            List<BufferedImage> pictures =
                    decode(scope, latents, size, request.seeds().size());
            HiresSettings hires = request.hires();
            return hires == null ? pictures : enlarge(scope, request, hires, words, pictures, generators, progress);
        }
    }

    private List<BufferedImage> enlarge(
            NDManager scope,
            ImageRequest request,
            HiresSettings hires,
            Words words,
            List<BufferedImage> pictures,
            List<RandomSource> generators,
            DrawingProgress progress) {
        int grid = factor() * (1 << (model.unet().config().levels() - 1));
        Size large = new Size(
                toGrid(request.width() * hires.scale(), grid),
                toGrid(request.height() * hires.scale(), grid),
                factor());
        List<BufferedImage> enlarged = new ArrayList<>();
        for (int image = 0; image < pictures.size(); image++) {
            ImageRequest alone = new ImageRequest(
                    request.prompt(),
                    request.negativePrompt(),
                    List.of(request.seeds().get(image)),
                    large.width(),
                    large.height(),
                    request.sampling(),
                    null,
                    null);
            StartingPicture start = new StartingPicture(pictures.get(image), null, hires.strength());
            float[] latents = pass(scope, alone, words, large, start, List.of(generators.get(image)), progress);
            enlarged.addAll(decode(scope, latents, large, 1));
        }
        return enlarged;
    }

    private static int toGrid(double side, int grid) {
        return (int) Math.max(grid, Math.round(side / grid) * grid);
    }

    /** One trajectory, from noise or from a picture, to clean latents. */
    private float[] pass(
            NDManager scope,
            ImageRequest request,
            Words words,
            Size size,
            @Nullable StartingPicture start,
            List<RandomSource> generators,
            DrawingProgress progress) {
        int channels = autoencoder().latentChannels();
        int elements = channels * size.latentPlane();
        Sampler sampler = request.sampling().create(model.checkpoint().schedulerConfig());
        Beginning beginning = start == null
                ? Beginning.noise(sampler, generators, elements)
                : new PictureStart(model, scope, size).begin(sampler, request.sampling(), start, generators);
        GuidedUNet network = new GuidedUNet(model, words, request, size, sampler.calls(), beginning.conditions());
        SamplerNoise noise = new SamplerNoise(generators, request.seeds(), elements);
        float[] latents = beginning.latents();
        int all = sampler.calls() - beginning.firstCall();
        for (int call = beginning.firstCall(); call < sampler.calls(); call++) {
            float[] output = network.predict(call, sampler.scaleInput(call, latents), sampler.timestep(call));
            latents = sampler.step(call, output, latents, noise);
            latents = beginning.keep(sampler, call + 1, latents);
            if (!progress.step(call + 1 - beginning.firstCall(), all, latents)) {
                throw new CancellationException(
                        "stopped after " + (call + 1 - beginning.firstCall()) + " of " + all + " model calls");
            }
        }
        return latents;
    }

    /** Pictures are decoded one by one: the autoencoder needs more memory than all else. */
    private List<BufferedImage> decode(NDManager scope, float[] latents, Size size, int count) {
        int channels = autoencoder().latentChannels();
        int elements = latents.length / count;
        List<BufferedImage> pictures = new ArrayList<>();
        for (int image = 0; image < count; image++) {
            float[] own = Arrays.copyOfRange(latents, image * elements, (image + 1) * elements);
            try (NDArray array =
                            StableDiffusion.array(scope, own, 1, channels, size.latentHeight(), size.latentWidth());
                    NDArray pixels = model.autoencoder().decode(scope, array)) {
                pictures.add(Pixels.picture(pixels.toFloatArray(), size.width(), size.height()));
            }
        }
        return pictures;
    }

    private void check(ImageRequest request) {
        int factor = factor();
        if (request.width() % factor != 0 || request.height() % factor != 0) {
            throw new IllegalArgumentException("width and height must be multiples of " + factor + ", got "
                    + request.width() + "x" + request.height());
        }
        UNetConfig unet = model.unet().config();
        int latent = autoencoder().latentChannels();
        boolean inpainting = unet.inChannels() == 2 * latent + 1;
        if (unet.inChannels() != latent && !inpainting) {
            throw new IllegalArgumentException("the model's UNet takes " + unet.inChannels() + " channels; " + latent
                    + " (text to image) and " + (2 * latent + 1) + " (inpainting) are supported");
        }
        StartingPicture start = request.start();
        if (inpainting && (start == null || start.mask() == null)) {
            throw new IllegalArgumentException(
                    "the model is an inpainting model: give image= and mask= (white where it paints)");
        }
    }

    private int factor() {
        return autoencoder().factor();
    }

    private AutoencoderConfig autoencoder() {
        return model.autoencoder().config();
    }
}
