package atelier.inference.sampler;

import atelier.inference.sampler.noise.BrownianNoise;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;
import org.jspecify.annotations.Nullable;

/** DPM-Solver++(3M) for the stochastic differential equation, with the increments of a Brownian path (k-diffusion). */
final class Dpmpp3mSdeSampler extends SigmaSampler {
    private @Nullable BrownianNoise path;
    private float @Nullable [] before;
    private float @Nullable [] beforeThat;
    private float hBefore;
    private float hBeforeThat;

    Dpmpp3mSdeSampler(SchedulerConfig config, int steps) {
        super(config, steps);
    }

    /** k-diffusion starts from the highest level whatever the spacing. */
    @Override
    public float initialScale() {
        return ladder().sigma(0);
    }

    @Override
    public double timestep(int call) {
        // k-diffusion asks for the timestep of the level that float32 holds.
        return (float) ladder().timestepOf(ladder().sigma(call));
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        float sigma = ladder().sigma(call);
        float next = ladder().sigma(call + 1);
        float[] denoised = denoised(latents, output, sigma);
        if (next == 0) {
            return denoised;
        }
        float h = -Steps.log(next) + Steps.log(sigma);
        float twice = h * 2;
        float[] x = Steps.combine(Steps.exp(-twice), latents, -Steps.expm1(-twice), denoised);
        float phi2 = Steps.expm1(-twice) / twice + 1;
        if (before != null && beforeThat != null) {
            float r0 = hBefore / h;
            float r1 = hBeforeThat / h;
            float[] d10 = Steps.slope(denoised, before, r0);
            float[] d11 = Steps.slope(before, beforeThat, r1);
            float phi3 = phi2 / twice - 0.5f;
            for (int i = 0; i < x.length; i++) {
                float gap = d10[i] - d11[i];
                float d1 = d10[i] + gap * r0 / (r0 + r1);
                float d2 = gap / (r0 + r1);
                x[i] = x[i] + phi2 * d1 - phi3 * d2;
            }
        } else if (before != null) {
            x = Steps.add(x, phi2, Steps.slope(denoised, before, hBefore / h));
        }
        float spread = Steps.sqrt(-Steps.expm1(-2 * h));
        float[] fresh = path(noise).between(sigma, next);
        for (int i = 0; i < x.length; i++) {
            x[i] += fresh[i] * next * spread;
        }
        beforeThat = before;
        before = denoised;
        hBeforeThat = hBefore;
        hBefore = h;
        return x;
    }

    private BrownianNoise path(SamplerNoise noise) {
        BrownianNoise known = path;
        if (known == null) {
            known = noise.brownian(ladder().lowest(), ladder().sigma(0));
            path = known;
        }
        return known;
    }
}
