package atelier.evaluation.sampling;

import atelier.common.image.Pictures;
import atelier.common.image.PixelPlanes;
import atelier.common.image.Pixels;
import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.Denoiser;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.HeldOutLoss;
import atelier.diffusion.noise.Noised;
import atelier.diffusion.noise.TorchRandom;
import atelier.inference.draw.PictureLatents;
import atelier.inference.draw.PictureSize;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The network's task as training sets it, with noise and timesteps that are fixed: picture i at the k-th of n timesteps has
 * the noise of the seed + i * n + k, whatever the model, so that two models' figures are pairs.
 */
public final class Denoising {
    private final StableDiffusion model;
    private final int[] timesteps;
    private final long seed;
    private final int batch;

    /**
     * @param model stays the caller's
     * @param levels how many timesteps, in the middles of as many equal parts of the schedule
     * @param batch pictures at once
     */
    public Denoising(StableDiffusion model, int levels, long seed, int batch) {
        this.model = model;
        this.seed = seed;
        this.batch = batch;
        int length = model.schedule().length();
        timesteps = new int[levels];
        Arrays.setAll(timesteps, k -> HeldOutLoss.timestep(k, levels, length));
    }

    /** Square pictures' latents: the mode of the encoder's distribution. */
    public List<float[]> latents(List<Pixels> pictures) {
        PictureLatents codec = new PictureLatents(model);
        int factor = model.autoencoderConfig().factor();
        List<float[]> latents = new ArrayList<>();
        for (Pixels picture : pictures) {
            PictureSize size = new PictureSize(picture.width(), picture.height(), factor);
            float[] planes = PixelPlanes.of(Pictures.image(picture));
            latents.add(codec.encode(planes, new float[codec.elements(size)], size));
        }
        return latents;
    }

    /** The mean squared error of each picture's prediction, averaged over the timesteps. */
    public double[] losses(List<float[]> latents, List<String> captions) throws IOException {
        double[] losses = new double[latents.size()];
        predict(
                latents,
                captions,
                (picture, noised, prediction) ->
                        losses[picture] += HeldOutLoss.of(prediction, noised.target()) / timesteps.length);
        return losses;
    }

    /** Each picture's predictions at all timesteps, one behind the other. */
    public List<float[]> predictions(List<float[]> latents, List<String> captions) throws IOException {
        List<List<float[]>> parts = new ArrayList<>();
        latents.forEach(own -> parts.add(new ArrayList<>()));
        predict(
                latents,
                captions,
                (picture, noised, prediction) -> parts.get(picture).add(prediction));
        return parts.stream().map(Denoising::joined).toList();
    }

    /** |after - before|^2 / |before|^2 of each picture: how far a model went from another. */
    public static double[] relativeChange(List<float[]> before, List<float[]> after) {
        double[] change = new double[before.size()];
        for (int i = 0; i < change.length; i++) {
            change[i] = HeldOutLoss.of(after.get(i), before.get(i))
                    / HeldOutLoss.of(before.get(i), new float[before.get(i).length]);
        }
        return change;
    }

    @FunctionalInterface
    private interface Listener {
        void hear(int picture, Noised noised, float[] prediction);
    }

    private void predict(List<float[]> latents, List<String> captions, Listener each) throws IOException {
        EncodedCaptions encoded = new EncodedCaptions(model);
        encoded.encode(captions);
        for (int from = 0; from < latents.size(); from += batch) {
            int to = Math.min(latents.size(), from + batch);
            EncodedText text = encoded.of(captions.subList(from, to));
            try (DrawingDenoiser denoiser = new DrawingDenoiser(model)) {
                for (int k = 0; k < timesteps.length; k++) {
                    List<Noised> noised = noised(latents, from, to, k);
                    List<float[]> predictions = predict(denoiser, noised, text);
                    for (int i = from; i < to; i++) {
                        each.hear(i, noised.get(i - from), predictions.get(i - from));
                    }
                }
            }
        }
    }

    private List<Noised> noised(List<float[]> latents, int from, int to, int k) {
        List<Noised> noised = new ArrayList<>();
        for (int i = from; i < to; i++) {
            float[] own = latents.get(i);
            float[] noise = new TorchRandom(seed + (long) i * timesteps.length + k).normal(own.length);
            noised.add(HeldOutLoss.noised(model.schedule(), own, noise, timesteps[k]));
        }
        return noised;
    }

    private List<float[]> predict(Denoiser denoiser, List<Noised> noised, EncodedText text) {
        int rows = noised.size();
        float[] input = joined(noised.stream().map(Noised::noisy).toList());
        int own = input.length / rows;
        int side = (int) Math.round(Math.sqrt(own / (double) model.unetConfig().inChannels()));
        int pixels = side * model.autoencoderConfig().factor();
        float[] output = denoiser.predict(
                NoisyLatents.at(noised.get(0).timestep(), input, rows, side, side),
                Conditioning.whole(text, rows, pixels, pixels));
        return IntStream.range(0, rows)
                .mapToObj(row -> Arrays.copyOfRange(output, row * own, (row + 1) * own))
                .toList();
    }

    private static float[] joined(List<float[]> parts) {
        float[] whole = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
