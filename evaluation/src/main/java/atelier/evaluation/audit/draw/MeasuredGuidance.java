package atelier.evaluation.audit.draw;

import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.evaluation.sampling.EncodedCaptions;
import atelier.inference.draw.PictureSize;
import atelier.inference.request.GuidanceScale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Classifier-free guidance, which also measures how strongly the words act: the norm of the noise predicted with the
 * words less the noise predicted without, ||eps(x, c) - eps(x)|| (Wen et al., "Detecting, explaining, and mitigating
 * memorization in diffusion models", 2024). A model that predicts v says eps = sqrt(alphaBar) v + ..., so that its
 * difference is scaled by sqrt(alphaBar); one that predicts the sample, by sqrt(alphaBar / (1 - alphaBar)).
 */
public final class MeasuredGuidance implements BatchGuidance {
    private final DrawingDenoiser denoiser;
    private final Conditioning conditioning;
    private final NoiseSchedule schedule;
    private final GuidanceScale guidance;
    private final PictureSize size;
    private final double[] magnitudes;

    private MeasuredGuidance(EncodedCaptions captions, double scale, List<String> prompts, PictureSize size) {
        int rows = prompts.size();
        List<String> texts = new ArrayList<>(Collections.nCopies(rows, ""));
        texts.addAll(prompts);
        this.denoiser = new DrawingDenoiser(captions.model());
        this.conditioning = Conditioning.whole(captions.of(texts), 2 * rows, size.height(), size.width());
        this.schedule = captions.model().schedule();
        this.guidance = new GuidanceScale(scale, 0, 0, 1);
        this.size = size;
        this.magnitudes = new double[rows];
    }

    /** @param scale 1 and less turns guidance off; the magnitude is measured all the same */
    public static Rule rule(EncodedCaptions captions, double scale) {
        return (prompts, size) -> new MeasuredGuidance(captions, scale, prompts, size);
    }

    @Override
    public float[] predict(int call, float[] latents, double timestep) {
        float[] both = denoiser.predict(
                NoisyLatents.at(
                        timestep,
                        NoisyLatents.twice(latents),
                        2 * magnitudes.length,
                        size.latentHeight(),
                        size.latentWidth()),
                conditioning);
        float[] without = Arrays.copyOf(both, latents.length);
        float[] with = Arrays.copyOfRange(both, latents.length, both.length);
        int own = latents.length / magnitudes.length;
        double unit = noiseScale(timestep);
        for (int row = 0; row < magnitudes.length; row++) {
            double squares = 0;
            for (int i = row * own; i < (row + 1) * own; i++) {
                float difference = with[i] - without[i];
                squares += (double) difference * difference;
            }
            magnitudes[row] += unit * Math.sqrt(squares);
        }
        return guidance.apply(without, with, own);
    }

    /** The factor from a difference of outputs to one of predicted noise. */
    private double noiseScale(double timestep) {
        int t = (int) Math.max(0, Math.min(schedule.length() - 1L, Math.round(timestep)));
        return switch (schedule.prediction()) {
            case EPSILON -> 1;
            case V_PREDICTION -> schedule.signalScale(t);
            case SAMPLE -> Math.sqrt(schedule.signalToNoise(t));
        };
    }

    @Override
    public double[] magnitudes() {
        return magnitudes;
    }

    @Override
    public void close() {
        denoiser.close();
    }
}
