package atelier.evaluation.sampling;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.HostCopy;
import atelier.evaluation.audit.draw.CaptionedDenoiser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
        Arrays.setAll(timesteps, k -> (int) ((k + 0.5) * length / levels));
    }

    /** Pictures' latents: the mode of the encoder's distribution. */
    public List<float[]> latents(List<Pixels> pictures) {
        List<float[]> latents = new ArrayList<>();
        for (Pixels picture : pictures) {
            try (NDManager scope = model.kernels().manager().newSubManager()) {
                NDArray planes = StableDiffusion.array(scope, planes(picture), 1, 3, picture.height(), picture.width());
                int channels = model.autoencoderConfig().latentChannels();
                int factor = model.autoencoderConfig().factor();
                int height = picture.height() / factor;
                int width = picture.width() / factor;
                NDArray none =
                        StableDiffusion.array(scope, new float[channels * height * width], 1, channels, height, width);
                latents.add(HostCopy.floats(model.autoencoder().encode(scope, planes, none)));
            }
        }
        return latents;
    }

    /** [3, height, width] in [-1, 1]. */
    private static float[] planes(Pixels picture) {
        int plane = picture.width() * picture.height();
        float[] values = new float[3 * plane];
        for (int at = 0; at < plane; at++) {
            for (int channel = 0; channel < 3; channel++) {
                values[channel * plane + at] = 2 * ((picture.rgb()[3 * at + channel] & 255) / 255f) - 1;
            }
        }
        return values;
    }

    /** The mean squared error of each picture's prediction, averaged over the timesteps. */
    public double[] losses(List<float[]> latents, List<String> captions) throws IOException {
        double[] losses = new double[latents.size()];
        NoiseSchedule schedule = model.schedule();
        predict(latents, captions, (picture, t, noise, prediction) -> {
            float[] target = schedule.target(latents.get(picture), noise, t);
            losses[picture] += meanSquare(target, prediction) / timesteps.length;
        });
        return losses;
    }

    /** Each picture's predictions at all timesteps, one behind the other. */
    public List<float[]> predictions(List<float[]> latents, List<String> captions) throws IOException {
        List<List<float[]>> parts = new ArrayList<>();
        latents.forEach(own -> parts.add(new ArrayList<>()));
        predict(
                latents,
                captions,
                (picture, t, noise, prediction) -> parts.get(picture).add(prediction));
        return parts.stream().map(Denoising::joined).toList();
    }

    /** |after - before|^2 / |before|^2 of each picture: how far a model went from another. */
    public static double[] relativeChange(List<float[]> before, List<float[]> after) {
        double[] change = new double[before.size()];
        for (int i = 0; i < change.length; i++) {
            change[i] = meanSquare(before.get(i), after.get(i))
                    / meanSquare(before.get(i), new float[before.get(i).length]);
        }
        return change;
    }

    @FunctionalInterface
    private interface Prediction {
        void of(int picture, int timestep, float[] noise, float[] prediction);
    }

    private void predict(List<float[]> latents, List<String> captions, Prediction each) throws IOException {
        CaptionedDenoiser network = new CaptionedDenoiser(model);
        network.encode(captions);
        for (int from = 0; from < latents.size(); from += batch) {
            int to = Math.min(latents.size(), from + batch);
            for (int k = 0; k < timesteps.length; k++) {
                predict(network, latents, captions, from, to, k, each);
            }
        }
    }

    private void predict(
            CaptionedDenoiser network,
            List<float[]> latents,
            List<String> captions,
            int from,
            int to,
            int k,
            Prediction each) {
        int t = timesteps[k];
        int elements = latents.get(0).length;
        float[] input = new float[(to - from) * elements];
        List<float[]> noises = new ArrayList<>();
        for (int i = from; i < to; i++) {
            float[] noise = new TorchRandom(seed + (long) i * timesteps.length + k).normal(elements);
            noises.add(noise);
            float[] noisy = model.schedule().addNoise(latents.get(i), noise, t);
            System.arraycopy(noisy, 0, input, (i - from) * elements, elements);
        }
        float[] output = network.predict(input, t, captions.subList(from, to));
        for (int i = from; i < to; i++) {
            each.of(
                    i,
                    t,
                    noises.get(i - from),
                    Arrays.copyOfRange(output, (i - from) * elements, (i - from + 1) * elements));
        }
    }

    private static double meanSquare(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum / a.length;
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
