package atelier.inference.sampler;

import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.PredictionType;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.Steps;

/** What the samplers on a {@link SigmaLadder} with one model call a step share. */
abstract class SigmaSampler implements Sampler {
    private final PredictionType prediction;
    private final SigmaLadder ladder;

    SigmaSampler(SchedulerConfig config, int steps) {
        NoiseSchedule schedule = config.schedule();
        prediction = schedule.prediction();
        ladder = new SigmaLadder(config, schedule, steps);
    }

    final SigmaLadder ladder() {
        return ladder;
    }

    final float[] denoised(float[] latents, float[] output, float sigma) {
        return Prediction.denoised(prediction, latents, output, sigma);
    }

    @Override
    public int calls() {
        return ladder.steps();
    }

    @Override
    public int callsPerStep() {
        return 1;
    }

    @Override
    public double timestep(int call) {
        return (float) ladder.timestep(call);
    }

    @Override
    public float initialScale() {
        return ladder.initialScale();
    }

    @Override
    public float[] scaleInput(int call, float[] latents) {
        return SigmaLadder.scaleInput(latents, ladder.sigma(call));
    }

    @Override
    public float[] addNoise(int call, float[] clean, float[] noise) {
        return Steps.add(clean, ladder.sigma(call), noise);
    }
}
