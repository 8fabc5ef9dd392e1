package atelier.trainer.objective;

import atelier.diffusion.noise.TorchRandom;

/** Draws an example's noise: plain, shifted by channel, or of several octaves; and the input's perturbation. */
public final class NoiseSampler {
    private final ObjectiveSettings settings;

    public NoiseSampler(ObjectiveSettings settings) {
        this.settings = settings;
    }

    /**
     * One example's noise, the target's.
     *
     * @return row-major [channels, height, width]
     */
    public float[] noise(TorchRandom random, int channels, int height, int width) {
        float[] noise = random.normal(channels * height * width);
        if (settings.noiseOffset() > 0) {
            noise = shifted(noise, random.normal(channels), settings.noiseOffset());
        }
        if (settings.multiresNoiseIterations() > 0) {
            Pyramid pyramid = new Pyramid(noise, channels, height, width);
            for (int i = 0; i < settings.multiresNoiseIterations(); i++) {
                double factor = random.uniform(1)[0] * 2 + 2;
                int rows = Pyramid.side(height, factor, i);
                int columns = Pyramid.side(width, factor, i);
                float[] octave = random.normal(channels * rows * columns);
                pyramid.add(octave, rows, columns, Math.pow(settings.multiresNoiseDiscount(), i));
                if (rows == 1 || columns == 1) {
                    break;
                }
            }
            noise = pyramid.normalised();
        }
        return noise;
    }

    /**
     * The noise that the network's input takes: noise + strength * extra, while the target stays noise (Ning et al. 2023,
     * input perturbation).
     */
    public float[] perturbed(float[] noise, TorchRandom random) {
        double strength = settings.inputPerturbation();
        return strength == 0 ? noise : sum(noise, random.normal(noise.length), strength);
    }

    /** noise + strength * one number a channel (Guttenberg 2023, offset noise). */
    static float[] shifted(float[] noise, float[] shifts, double strength) {
        float[] sum = new float[noise.length];
        int plane = noise.length / shifts.length;
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (noise[i] + strength * shifts[i / plane]);
        }
        return sum;
    }

    static float[] sum(float[] noise, float[] extra, double strength) {
        float[] sum = new float[noise.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) (noise[i] + strength * extra[i]);
        }
        return sum;
    }
}
