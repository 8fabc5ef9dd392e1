package atelier.inference.sampler;

import atelier.diffusion.noise.NoiseSchedule;
import atelier.inference.sampler.schedule.SchedulerConfig;

/** What DDPM, DDIM and LCM share: whole timesteps, latents of variance one that go to the model as they are. */
abstract class DiscreteSampler implements Sampler {
    private final NoiseSchedule schedule;
    private final double[] timesteps;

    DiscreteSampler(NoiseSchedule schedule, double[] timesteps) {
        this.schedule = schedule;
        this.timesteps = timesteps;
    }

    DiscreteSampler(SchedulerConfig config, int steps) {
        schedule = config.schedule();
        double[] exact = config.timestepSpacing().timesteps(schedule.length(), steps, config.stepsOffset());
        timesteps = new double[exact.length];
        for (int i = 0; i < exact.length; i++) {
            timesteps[i] = Math.rint(exact[i]);
        }
    }

    final NoiseSchedule schedule() {
        return schedule;
    }

    @Override
    public final int calls() {
        return timesteps.length;
    }

    @Override
    public final int callsPerStep() {
        return 1;
    }

    @Override
    public final double timestep(int call) {
        return timesteps[call];
    }

    @Override
    public final float initialScale() {
        return 1;
    }

    @Override
    public final float[] scaleInput(int call, float[] latents) {
        return latents;
    }

    @Override
    public final float[] addNoise(int call, float[] clean, float[] noise) {
        return schedule.addNoise(clean, noise, (int) timesteps[call]);
    }
}
