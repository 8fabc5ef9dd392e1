package atelier.inference.sampler;

import atelier.inference.sampler.schedule.SolverLadder;

/** What the exponential integrators share: one model call a step, at the levels of a {@link SolverLadder}. */
abstract class LadderSampler implements Sampler {
    final SolverLadder ladder;

    LadderSampler(SolverLadder ladder) {
        this.ladder = ladder;
    }

    @Override
    public final int calls() {
        return ladder.steps();
    }

    @Override
    public final int callsPerStep() {
        return 1;
    }

    @Override
    public final double timestep(int call) {
        return ladder.timestep(call);
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
        return ladder.addNoise(call, clean, noise);
    }
}
