package atelier.inference.draw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.common.image.PixelPlanes;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.RandomSource;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.unet.UNetConfig;
import atelier.diffusion.vae.AutoencoderConfig;
import atelier.diffusion.vae.TiledAutoencoder;
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
    /** Models were not made for more: what is larger is worth the difference that tiles make. */
    private static final int TILE = 1024;

    /** Latents of a picture of 512 pixels a side. */
    private static final int LARGE = 4096;

    /** Bytes from which on a large picture's arrays are to leave nothing behind. */
    private static final int OWN_PAGES = 1 << 20;

    private final StableDiffusion model;
    private final int tile;
    private final boolean oneText;
    private @Nullable Conditioning kept;

    /** @param model stays the caller's */
    public TextToImage(StableDiffusion model) {
        this(model, TILE, false);
    }

    /**
     * @param model stays the caller's
     * @param tile pictures of a longer side are encoded and decoded in tiles of this side, in pixels
     * @param oneText whether all pictures will have the first one's prompts: the model's text encoders are then let go
     *     before the first is drawn
     */
    public TextToImage(StableDiffusion model, int tile, boolean oneText) {
        this.model = model;
        this.tile = tile;
        this.oneText = oneText;
    }

    /** The side, in pixels, of the pictures that the model was trained on. */
    public int nativeSize() {
        return model.unetConfig().sampleSize() * factor();
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
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            Conditioning conditioning = words(request);
            PictureSize size = new PictureSize(request.width(), request.height(), factor());
            // With and without the words; more pictures at once must not change what one of them looks like.
            model.expectLatents(2L * size.latentPlane());
            float[] latents = pass(scope, request, conditioning, size, request.start(), generators, progress);
            List<BufferedImage> pictures =
                    decode(scope, latents, size, request.seeds().size());
            HiresSettings hires = request.hires();
            return hires == null
                    ? pictures
                    : enlarge(scope, request, hires, conditioning, pictures, generators, progress);
        }
    }

    private Conditioning words(ImageRequest request) throws IOException {
        if (kept != null && kept.sameFor(request)) {
            return kept;
        }
        Conditioning conditioning = Conditioning.of(model.prompts(), request);
        if (oneText) {
            conditioning.encodeAll();
            model.releasePrompts();
            NativeMemory.trim();
            kept = conditioning;
        }
        return conditioning;
    }

    private List<BufferedImage> enlarge(
            NDManager scope,
            ImageRequest request,
            HiresSettings hires,
            Conditioning conditioning,
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
            StartingPicture start = new StartingPicture(pictures.get(image), null, hires.strength());
            float[] latents = pass(scope, alone, conditioning, large, start, List.of(generators.get(image)), progress);
            enlarged.addAll(decode(scope, latents, large, 1));
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
            NDManager scope,
            ImageRequest request,
            Conditioning conditioning,
            PictureSize size,
            @Nullable StartingPicture start,
            List<RandomSource> generators,
            DrawingProgress progress)
            throws IOException {
        int channels = autoencoder().latentChannels();
        int elements = channels * size.latentPlane();
        Sampler sampler = request.sampling().create(model.checkpoint().schedulerConfig());
        InitialLatents initial = start == null
                ? InitialLatents.noise(sampler, generators, elements)
                : new LatentsFromPicture(model, scope, size, tile)
                        .begin(sampler, request.sampling(), start, generators);
        try (GuidedDenoiser network =
                new GuidedDenoiser(model, conditioning, request, size, sampler.calls(), initial.conditions())) {
            SamplerNoise noise = new SamplerNoise(generators, request.seeds(), elements);
            float[] latents = initial.latents();
            int all = sampler.calls() - initial.firstCall();
            for (int call = initial.firstCall(); call < sampler.calls(); call++) {
                float[] output = network.predict(call, sampler.scaleInput(call, latents), sampler.timestep(call));
                latents = sampler.step(call, output, latents, noise);
                latents = initial.keep(sampler, call + 1, latents);
                float[] shown = call + 1 < sampler.calls() ? sampler.scaleInput(call + 1, latents) : latents;
                if (!progress.step(call + 1 - initial.firstCall(), all, shown)) {
                    throw new CancellationException(
                            "stopped after " + (call + 1 - initial.firstCall()) + " of " + all + " model calls");
                }
            }
            return latents;
        }
    }

    /**
     * Decodes pictures. What each of the networks has freed goes back before the other takes its own, or both would lie
     * there side by side. Of small pictures little is freed, and touching it again takes a larger share of their time.
     */
    private List<BufferedImage> decode(NDManager scope, float[] latents, PictureSize size, int count) {
        if (size.latentPlane() < LARGE) {
            return decodeEach(scope, latents, size, count);
        }
        NativeMemory.trim();
        List<BufferedImage> pictures =
                NativeMemory.withOwnPages(OWN_PAGES, () -> decodeEach(scope, latents, size, count));
        NativeMemory.trim();
        return pictures;
    }

    /** Pictures are decoded one by one: the autoencoder needs more memory than all else. */
    private List<BufferedImage> decodeEach(NDManager scope, float[] latents, PictureSize size, int count) {
        int elements = latents.length / count;
        List<BufferedImage> pictures = new ArrayList<>();
        for (int image = 0; image < count; image++) {
            float[] own = Arrays.copyOfRange(latents, image * elements, (image + 1) * elements);
            pictures.add(PixelPlanes.picture(decode(scope, own, size), size.width(), size.height()));
        }
        return pictures;
    }

    private float[] decode(NDManager scope, float[] latents, PictureSize size) {
        if (size.longer() > tile) {
            return new TiledAutoencoder(model.autoencoder(), tile)
                    .decode(scope, latents, size.latentHeight(), size.latentWidth());
        }
        int channels = autoencoder().latentChannels();
        try (NDArray array =
                        StableDiffusion.array(scope, latents, 1, channels, size.latentHeight(), size.latentWidth());
                NDArray pixels = model.autoencoder().decode(scope, array)) {
            return HostCopy.floats(pixels);
        }
    }

    /**
     * What the first picture of a request looks like on its way.
     *
     * @param latents as {@link DrawingProgress} gives them; a second pass's are larger than the request says
     */
    BufferedImage preview(ImageRequest request, float[] latents) {
        PictureSize size = new PictureSize(request.width(), request.height(), factor());
        int elements = autoencoder().latentChannels() * size.latentPlane();
        HiresSettings hires = request.hires();
        if (hires != null && latents.length != elements * request.seeds().size()) {
            size = enlarged(request, hires);
            elements = autoencoder().latentChannels() * size.latentPlane();
        }
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            return decode(scope, Arrays.copyOf(latents, elements), size, 1).get(0);
        }
    }

    private void check(ImageRequest request) {
        int factor = factor();
        if (request.width() % factor != 0 || request.height() % factor != 0) {
            throw new WrongCommandException("width and height must be multiples of " + factor + ", got "
                    + request.width() + "x" + request.height() + "; " + toGrid(request.width(), factor) + "x"
                    + toGrid(request.height(), factor) + " is the nearest size");
        }
        UNetConfig unet = model.unetConfig();
        int latent = autoencoder().latentChannels();
        boolean inpainting = unet.inChannels() == 2 * latent + 1;
        if (unet.inChannels() != latent && !inpainting) {
            throw new WrongCommandException("the model's UNet takes " + unet.inChannels() + " channels; " + latent
                    + " (text to image) and " + (2 * latent + 1) + " (inpainting) are supported");
        }
        StartingPicture start = request.start();
        if (inpainting && (start == null || start.mask() == null)) {
            throw new WrongCommandException(
                    "the model is an inpainting model: give init_image= and mask= (white where it paints)");
        }
    }

    private int factor() {
        return autoencoder().factor();
    }

    private AutoencoderConfig autoencoder() {
        return model.autoencoderConfig();
    }
}
