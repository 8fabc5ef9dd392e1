package atelier.inference.draw;

import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.noise.SamplerNoise;
import java.io.IOException;
import java.util.concurrent.CancellationException;

/** The way from noisy latents to clean ones: every picture is drawn by this loop, whatever it starts from. */
public final class SamplingLoop {
    private SamplingLoop() {}

    /**
     * Runs a trajectory.
     *
     * @param sampler made for this trajectory
     * @param initial where it begins, and what holds it on its way
     * @param noise where stochastic samplers draw from
     * @return clean latents of all pictures
     * @throws CancellationException if {@code progress} says to stop
     */
    public static float[] run(
            Sampler sampler, InitialLatents initial, Guidance guidance, SamplerNoise noise, DrawingProgress progress)
            throws IOException {
        float[] latents = initial.latents();
        int all = sampler.calls() - initial.firstCall();
        for (int call = initial.firstCall(); call < sampler.calls(); call++) {
            float[] output = guidance.predict(call, sampler.scaleInput(call, latents), sampler.timestep(call));
            latents = sampler.step(call, output, latents, noise);
            latents = initial.keep(sampler, call + 1, latents);
            float[] shown = call + 1 < sampler.calls() ? sampler.scaleInput(call + 1, latents) : latents;
            if (!progress.step(call + 1 - initial.firstCall(), all, shown)) {
                throw new CancellationException(
                        "stopped after " + (call + 1 - initial.firstCall()) + " of " + all + " model calls");
            }
        }
        return latents;
    }
}
