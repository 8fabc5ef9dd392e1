package atelier.inference.draw;

import atelier.common.error.WrongCommandException;
import atelier.common.image.PixelPlanes;
import atelier.common.image.Resample;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.RandomSource;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.StartingPicture;
import atelier.inference.sampler.Sampler;
import java.awt.image.BufferedImage;
import java.util.List;

/** Starts a trajectory from a picture, with or without a mask, as diffusers' image-to-image and inpainting do. */
final class LatentsFromPicture {
    private final StableDiffusion model;
    private final PictureLatents codec;
    private final PictureSize size;
    private final int channels;

    LatentsFromPicture(StableDiffusion model, PictureLatents codec, PictureSize size) {
        this.model = model;
        this.codec = codec;
        this.size = size;
        channels = model.autoencoderConfig().latentChannels();
    }

    InitialLatents begin(
            Sampler sampler, SamplingSettings sampling, StartingPicture start, List<RandomSource> generators) {
        int run = Math.min((int) (sampling.steps() * start.strength()), sampling.steps());
        int first = (sampling.steps() - run) * sampler.callsPerStep();
        if (run < 1 || first >= sampler.calls()) {
            throw new WrongCommandException("strength " + start.strength() + " of " + sampling.steps()
                    + " steps leaves none to run; raise strength or steps");
        }
        float[] pixels = PixelPlanes.of(Resample.to(start.picture(), size.width(), size.height()));
        boolean inpainting = model.unetConfig().inChannels() > channels;
        // An inpainting network that starts from pure noise never sees the whole picture, and nothing is drawn for it.
        boolean unseen = inpainting && start.strength() == 1;
        float[] clean =
                unseen ? new float[generators.size() * channels * size.latentPlane()] : encode(pixels, generators);
        float[] noise = InitialLatents.draw(generators, channels * size.latentPlane());
        BufferedImage mask = start.mask();
        float[] latents = sampler.addNoise(first, clean, noise);
        if (mask == null) {
            return new InitialLatents(first, latents, null, null);
        }
        if (start.strength() == 1) {
            latents = noise.clone();
            for (int i = 0; i < latents.length; i++) {
                latents[i] *= sampler.initialScale();
            }
        }
        float[] wide = PixelPlanes.mask(Resample.to(mask, size.width(), size.height()));
        float[] small = PixelPlanes.nearest(wide, size.width(), size.height(), size.factor());
        // Drawn even where it is not used: the sampler's noise comes after it.
        float[] masked = encode(without(pixels, wide), generators);
        return inpainting
                ? new InitialLatents(first, latents, conditions(small, masked, generators.size()), null)
                : new InitialLatents(first, latents, null, new InitialLatents.Kept(clean, noise, small));
    }

    /** The picture's latents, one sample of the encoder's distribution for each generator. */
    private float[] encode(float[] pixels, List<RandomSource> generators) {
        int elements = codec.elements(size);
        float[] latents = new float[generators.size() * elements];
        for (int image = 0; image < generators.size(); image++) {
            float[] draw = generators.get(image).normal(elements);
            System.arraycopy(codec.encode(pixels, draw, size), 0, latents, image * elements, elements);
        }
        return latents;
    }

    private static float[] without(float[] pixels, float[] mask) {
        float[] kept = new float[pixels.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = mask[i % mask.length] < 0.5f ? pixels[i] : 0;
        }
        return kept;
    }

    /** Mask and masked latents of each picture, one behind the other: [n, 1 + channels, h, w]. */
    private float[] conditions(float[] mask, float[] masked, int count) {
        int elements = channels * size.latentPlane();
        float[] joined = new float[count * (mask.length + elements)];
        for (int image = 0; image < count; image++) {
            int at = image * (mask.length + elements);
            System.arraycopy(mask, 0, joined, at, mask.length);
            System.arraycopy(masked, image * elements, joined, at + mask.length, elements);
        }
        return joined;
    }
}
