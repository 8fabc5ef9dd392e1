package atelier.inference.draw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.image.PixelPlanes;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.vae.TiledAutoencoder;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pictures to latents and back, one by one: the autoencoder needs more memory than all else. Large ones go in tiles. */
public final class PictureLatents {
    /** Models were not made for more: what is larger is worth the difference that tiles make. */
    static final int TILE = 1024;

    /** Latents of a picture of 512 pixels a side. */
    private static final int LARGE = 4096;

    /** Bytes from which on a large picture's arrays are to leave nothing behind. */
    private static final int OWN_PAGES = 1 << 20;

    private final StableDiffusion model;
    private final int tile;

    /** @param model stays the caller's */
    public PictureLatents(StableDiffusion model) {
        this(model, TILE);
    }

    /** @param tile pictures of a longer side are encoded and decoded in tiles of this side, in pixels */
    PictureLatents(StableDiffusion model, int tile) {
        this.model = model;
        this.tile = tile;
    }

    /** Latents of one picture: channels x height x width. */
    public int elements(PictureSize size) {
        return channels() * size.latentPlane();
    }

    private int channels() {
        return model.autoencoderConfig().latentChannels();
    }

    /**
     * A picture's latents.
     *
     * @param pixels [3, height, width] in [-1, 1]
     * @param noise which of the encoder's distribution is drawn; zeros for its mode
     */
    public float[] encode(float[] pixels, float[] noise, PictureSize size) {
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            if (size.longer() > tile) {
                return new TiledAutoencoder(model.autoencoder(), tile)
                        .encode(scope, pixels, noise, size.latentHeight(), size.latentWidth());
            }
            NDArray picture = StableDiffusion.array(scope, pixels, 1, 3, size.height(), size.width());
            NDArray draw = array(scope, noise, size);
            return HostCopy.floats(model.autoencoder().encode(scope, picture, draw));
        }
    }

    /**
     * The pictures of latents. What each of the networks has freed goes back before the other takes its own, or both would
     * lie there side by side. Of small pictures little is freed, and touching it again takes a larger share of their time.
     */
    public List<BufferedImage> decode(float[] latents, PictureSize size) {
        if (size.latentPlane() < LARGE) {
            return decodeEach(latents, size);
        }
        NativeMemory.trim();
        List<BufferedImage> pictures = NativeMemory.withOwnPages(OWN_PAGES, () -> decodeEach(latents, size));
        NativeMemory.trim();
        return pictures;
    }

    private List<BufferedImage> decodeEach(float[] latents, PictureSize size) {
        int elements = elements(size);
        List<BufferedImage> pictures = new ArrayList<>();
        for (int at = 0; at < latents.length; at += elements) {
            float[] planes = planes(Arrays.copyOfRange(latents, at, at + elements), size);
            pictures.add(PixelPlanes.picture(planes, size.width(), size.height()));
        }
        return pictures;
    }

    private float[] planes(float[] latents, PictureSize size) {
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            if (size.longer() > tile) {
                return new TiledAutoencoder(model.autoencoder(), tile)
                        .decode(scope, latents, size.latentHeight(), size.latentWidth());
            }
            return HostCopy.floats(model.autoencoder().decode(scope, array(scope, latents, size)));
        }
    }

    private NDArray array(NDManager scope, float[] latents, PictureSize size) {
        return StableDiffusion.array(scope, latents, 1, channels(), size.latentHeight(), size.latentWidth());
    }
}
