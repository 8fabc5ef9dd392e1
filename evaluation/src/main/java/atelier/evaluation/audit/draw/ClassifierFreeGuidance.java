package atelier.evaluation.audit.draw;

import atelier.diffusion.noise.NoiseSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Classifier-free guidance, which also measures how strongly the words act: the norm of the noise predicted with the
 * words less the noise predicted without, ||eps(x, c) - eps(x)|| (Wen et al., "Detecting, explaining, and mitigating
 * memorization in diffusion models", 2024). A model that predicts v says eps = sqrt(alphaBar) v + ..., so that its
 * difference is scaled by sqrt(alphaBar); one that predicts the sample, by sqrt(alphaBar / (1 - alphaBar)).
 *
 * @param scale 1 and less turns guidance off; the magnitude is measured all the same
 */
public record ClassifierFreeGuidance(CaptionedDenoiser network, double scale) implements Guidance {
    @Override
    public float[] predict(float[] latents, double timestep, List<String> prompts, double[] magnitudes) {
        int rows = prompts.size();
        int own = latents.length / rows;
        float[] twice = Arrays.copyOf(latents, 2 * latents.length);
        System.arraycopy(latents, 0, twice, latents.length, latents.length);
        List<String> texts = new ArrayList<>(Collections.nCopies(rows, ""));
        texts.addAll(prompts);
        float[] both = network.predict(twice, timestep, texts);
        double unit = noiseScale(timestep);
        float[] output = new float[latents.length];
        float factor = (float) scale;
        for (int row = 0; row < rows; row++) {
            double squares = 0;
            for (int i = row * own; i < (row + 1) * own; i++) {
                float difference = both[latents.length + i] - both[i];
                squares += (double) difference * difference;
                output[i] = both[i] + factor * difference;
            }
            magnitudes[row] += unit * Math.sqrt(squares);
        }
        return output;
    }

    /** The factor from a difference of outputs to one of predicted noise. */
    private double noiseScale(double timestep) {
        NoiseSchedule schedule = network.model().schedule();
        int t = (int) Math.max(0, Math.min(schedule.length() - 1L, Math.round(timestep)));
        return switch (schedule.prediction()) {
            case EPSILON -> 1;
            case V_PREDICTION -> schedule.signalScale(t);
            case SAMPLE -> Math.sqrt(schedule.signalToNoise(t));
        };
    }
}
