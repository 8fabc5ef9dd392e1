package atelier.trainer.step;

import atelier.diffusion.noise.TorchRandom;

/** Random streams as functions of (seed, step, position, purpose): a resumed run draws what an uninterrupted one drew. */
public final class StepNoise {
    /** What a stream is drawn for; streams of one example never share numbers. */
    enum Purpose {
        LATENT_SAMPLE,
        NOISE,
        TIMESTEP,
        PERTURBATION,
        MASK,
        MASKED_SAMPLE
    }

    private StepNoise() {}

    /** The streams of one example in one step. */
    public record Stream(long seed, long step, int position) {
        /** What an inpainting mask is drawn from. */
        public TorchRandom mask() {
            return of(Purpose.MASK);
        }

        /** Normal numbers for the draw of latents of a picture without what its mask covers. */
        public TorchRandom maskedSample() {
            return of(Purpose.MASKED_SAMPLE);
        }

        TorchRandom of(Purpose purpose) {
            long x = seed * 0x9E3779B97F4A7C15L
                    + step * 0xD1B54A32D192ED03L
                    + position * 0xAEF17502108EF2D9L
                    + (purpose.ordinal() + 1) * 0x8CB92BA72F3D8DD7L;
            // The finaliser of SplitMix64 (Steele et al. 2014): nearby inputs give unrelated seeds.
            x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
            x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
            return new TorchRandom(x ^ (x >>> 31));
        }
    }
}
