package atelier.inference.draw;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.RandomSource;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.unet.UNetConfig;
import atelier.inference.request.HiresSettings;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.StartingPicture;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.noise.SamplerNoise;
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
    /** Latents of a preview's longer side. */
    private static final int PREVIEW = 32;

    private final StableDiffusion model;
    private final PictureLatents codec;
    private final boolean oneText;
    private @Nullable PromptStates kept;

    /** @param model stays the caller's */
    public TextToImage(StableDiffusion model) {
        this(model, PictureLatents.TILE, false);
    }

    /**
     * @param model stays the caller's
     * @param tile pictures of a longer side are encoded and decoded in tiles of this side, in pixels
     * @param oneText whether all pictures will have the first one's prompts: the model's text encoders are then let go
     *     before the first is drawn
     */
    public TextToImage(StableDiffusion model, int tile, boolean oneText) {
        this.model = model;
        this.codec = new PictureLatents(model, tile);
        this.oneText = oneText;
    }

    /** The side, in pixels, of the pictures that the model was trained on. */
    public int nativeSize() {
        return PictureSize.nativeTo(model).width();
    }

    /**
     * Draws.
     *
     * @return one picture a seed
     * @throws WrongCommandException if the model cannot do what is asked, naming the key
     * @throws CancellationException if {@code progress} says to stop
     */
    public List<BufferedImage> draw(ImageRequest request, DrawingProgress progress) throws IOException {
        check(request);
        List<RandomSource> generators =
                request.seeds().stream().map(request.sampling().rng()::source).toList();
        PictureSize size = new PictureSize(request.width(), request.height(), factor());
        PromptStates prompts = prompts(request);
        // With and without the words; more pictures at once must not change what one of them looks like.
        model.expectLatents(2L * size.latentPlane());
        StartingPicture start = request.start();
        if (start == null && isInpainting()) {
            start = StartingPicture.allPainted(size.width(), size.height());
        }
        float[] latents = pass(request, size, start, prompts, generators, progress);
        List<BufferedImage> pictures = codec.decode(latents, size);
        HiresSettings hires = request.hires();
        return hires == null ? pictures : enlarge(request, hires, prompts, pictures, generators, progress);
    }

    private PromptStates prompts(ImageRequest request) throws IOException {
        if (kept != null && kept.sameFor(request)) {
            return kept;
        }
        PromptStates prompts = PromptStates.of(model.prompts(), request);
        if (oneText) {
            prompts.encodeAll();
            model.releasePrompts();
            NativeMemory.trim();
            kept = prompts;
        }
        return prompts;
    }

    private List<BufferedImage> enlarge(
            ImageRequest request,
            HiresSettings hires,
            PromptStates prompts,
            List<BufferedImage> pictures,
            List<RandomSource> generators,
            DrawingProgress progress)
            throws IOException {
        PictureSize large = enlarged(request, hires);
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
            BufferedImage mask = isInpainting() ? StartingPicture.white(large.width(), large.height()) : null;
            StartingPicture start = new StartingPicture(pictures.get(image), mask, hires.strength());
            List<RandomSource> own = List.of(generators.get(image));
            enlarged.addAll(codec.decode(pass(alone, large, start, prompts, own, progress), large));
        }
        return enlarged;
    }

    private PictureSize enlarged(ImageRequest request, HiresSettings hires) {
        int grid = factor() * (1 << (model.unetConfig().levels() - 1));
        return new PictureSize(
                toGrid(request.width() * hires.scale(), grid),
                toGrid(request.height() * hires.scale(), grid),
                factor());
    }

    private static int toGrid(double side, int grid) {
        return (int) Math.max(grid, Math.round(side / grid) * grid);
    }

    /** One trajectory, from noise or from a picture, to clean latents. */
    private float[] pass(
            ImageRequest request,
            PictureSize size,
            @Nullable StartingPicture start,
            PromptStates prompts,
            List<RandomSource> generators,
            DrawingProgress progress)
            throws IOException {
        Sampler sampler = request.sampling()
                .create(
                        model.checkpoint().schedulerConfig(),
                        model.checkpoint().family().isXl());
        int elements = codec.elements(size);
        InitialLatents initial = start == null
                ? InitialLatents.noise(sampler, generators, elements)
                : new LatentsFromPicture(model, codec, size).begin(sampler, request.sampling(), start, generators);
        try (DrawingDenoiser denoiser = new DrawingDenoiser(model)) {
            Guidance guidance =
                    new ClassifierFreeGuidance(denoiser, prompts, request, size, sampler.calls(), initial.conditions());
            SamplerNoise noise = new SamplerNoise(generators, request.seeds(), elements);
            return SamplingLoop.run(sampler, initial, guidance, noise, progress);
        }
    }

    /**
     * What the first picture of a request looks like on its way.
     *
     * @param latents as {@link DrawingProgress} gives them; a second pass's are larger than the request says
     */
    BufferedImage preview(ImageRequest request, float[] latents) {
        PictureSize size = shown(request, latents);
        return codec.decode(Arrays.copyOf(latents, codec.elements(size)), size).get(0);
    }

    /**
     * As {@link #preview} with a longer side of at most {@value #PREVIEW} latents, which are averaged over squares: decoding
     * takes a fraction of a step's time whatever the picture's size.
     */
    BufferedImage smallPreview(ImageRequest request, float[] latents) {
        PictureSize size = shown(request, latents);
        int square = Math.max(1, (int) Math.ceil(size.longer() / (double) (PREVIEW * size.factor())));
        int rows = size.latentHeight() / square;
        int columns = size.latentWidth() / square;
        if (square == 1 || rows == 0 || columns == 0) {
            return preview(request, latents);
        }
        int channels = codec.elements(size) / size.latentPlane();
        float[] small = new float[channels * rows * columns];
        for (int i = 0; i < small.length; i++) {
            int channel = i / (rows * columns);
            int row = i / columns % rows * square;
            int column = i % columns * square;
            float sum = 0;
            for (int each = 0; each < square * square; each++) {
                sum += latents[
                        channel * size.latentPlane()
                                + (row + each / square) * size.latentWidth()
                                + column
                                + each % square];
            }
            small[i] = sum / (square * square);
        }
        return codec.decode(small, new PictureSize(columns * size.factor(), rows * size.factor(), size.factor()))
                .get(0);
    }

    private PictureSize shown(ImageRequest request, float[] latents) {
        PictureSize size = new PictureSize(request.width(), request.height(), factor());
        HiresSettings hires = request.hires();
        return hires == null
                        || latents.length
                                == codec.elements(size) * request.seeds().size()
                ? size
                : enlarged(request, hires);
    }

    void check(ImageRequest request) {
        int factor = factor();
        if (request.width() % factor != 0 || request.height() % factor != 0) {
            throw new WrongCommandException("width and height must be multiples of " + factor + ", got "
                    + request.width() + "x" + request.height() + "; " + toGrid(request.width(), factor) + "x"
                    + toGrid(request.height(), factor) + " is the nearest size");
        }
        UNetConfig unet = model.unetConfig();
        int latent = model.autoencoderConfig().latentChannels();
        boolean inpainting = isInpainting();
        if (unet.inChannels() != latent && !inpainting) {
            throw new WrongCommandException("the model's UNet takes " + unet.inChannels() + " channels; " + latent
                    + " (text to image) and " + (2 * latent + 1) + " (inpainting) are supported");
        }
        StartingPicture start = request.start();
        if (inpainting && start != null && start.mask() == null) {
            throw new WrongCommandException(
                    "the model is an inpainting model: give mask= (white where it paints) beside init_image=, or neither");
        }
    }

    /** Whether the network takes a mask and masked latents beside the noise; without a picture it paints all of one. */
    private boolean isInpainting() {
        return model.unetConfig().inChannels() == 2 * model.autoencoderConfig().latentChannels() + 1;
    }

    private int factor() {
        return model.autoencoderConfig().factor();
    }
}
