package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaLadder;
import atelier.inference.sampler.schedule.SigmaSpacing;
import atelier.inference.sampler.schedule.Steps;
import org.jspecify.annotations.Nullable;

/**
 * What the methods of second order share: each step asks the model at its beginning and once more further on, except the
 * last, which is of first order. Call 2 i begins step i and call 2 i + 1 is its second half.
 */
abstract class TwoCallSampler extends SigmaSampler {
    private float @Nullable [] start;

    private final boolean wholeKarrasTimesteps;

    TwoCallSampler(SchedulerConfig config, int steps) {
        this(config, steps, false);
    }

    /** @param roundKarras whether Karras' levels are shown to the model as the nearest whole timesteps */
    TwoCallSampler(SchedulerConfig config, int steps, boolean roundKarras) {
        super(config, steps);
        wholeKarrasTimesteps = roundKarras && config.sigmaSpacing() == SigmaSpacing.KARRAS;
    }

    /** The noise level of the second call of a step. */
    abstract float secondSigma(int step);

    /** The timestep of the second call of a step. */
    abstract double secondTimestep(int step);

    /** The latents for the second call, or after the last step. */
    abstract float[] first(int step, float[] denoised, float[] latents, SamplerNoise noise);

    /**
     * The latents after the step.
     *
     * @param start the latents at the step's beginning
     * @param middle the latents that the second call saw, unscaled
     */
    abstract float[] second(int step, float[] denoised, float[] start, float[] middle, SamplerNoise noise);

    @Override
    public final int calls() {
        return 2 * ladder().steps() - 1;
    }

    @Override
    public final int callsPerStep() {
        return 2;
    }

    @Override
    public final double timestep(int call) {
        if (isSecond(call)) {
            return secondTimestep(call / 2);
        }
        double timestep = ladder().timestep(call / 2);
        return wholeKarrasTimesteps ? Math.rint(timestep) : timestep;
    }

    @Override
    public final float[] scaleInput(int call, float[] latents) {
        return SigmaLadder.scaleInput(latents, sigma(call));
    }

    @Override
    public final float[] addNoise(int call, float[] clean, float[] noise) {
        return Steps.add(clean, sigma(call), noise);
    }

    @Override
    public final float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int step = call / 2;
        float[] denoised = denoised(latents, output, sigma(call));
        if (!isSecond(call)) {
            start = latents;
            return first(step, denoised, latents, noise);
        }
        float[] begun = start;
        if (begun == null) {
            throw new IllegalStateException("call " + call + " is the second half of a step that was not begun");
        }
        start = null;
        return second(step, denoised, begun, latents, noise);
    }

    final boolean isLast(int step) {
        return step == ladder().steps() - 1;
    }

    private float sigma(int call) {
        return isSecond(call) ? secondSigma(call / 2) : ladder().sigma(call / 2);
    }

    private static boolean isSecond(int call) {
        return call % 2 == 1;
    }
}
