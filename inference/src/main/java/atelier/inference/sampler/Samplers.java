package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;

/** Makes a sampler for one trajectory. */
public final class Samplers {
    private Samplers() {}

    /**
     * @param kind which method
     * @param config of that kind, see {@link SchedulerConfig#of}
     * @param steps steps of the schedule, at least 1; methods of second order ask the model about twice as often
     * @throws WrongCommandException if the schedule has fewer training steps, or the method cannot do what the
     *     configuration asks
     */
    public static Sampler create(SamplerKind kind, SchedulerConfig config, int steps) {
        int train = config.schedule().length();
        if (steps < 1 || steps > train) {
            throw new WrongCommandException(
                    "steps must be between 1 and the model's " + train + " training steps, got " + steps);
        }
        return switch (kind) {
            case DDPM -> new DdpmSampler(config, steps);
            case DDIM -> new DdimSampler(config, steps, 0);
            case PNDM -> new PndmSampler(config, steps);
            case EULER -> new EulerSampler(config, steps);
            case EULER_ANCESTRAL -> new EulerAncestralSampler(config, steps);
            case HEUN -> new HeunSampler(config, steps);
            case LMS -> new LmsSampler(config, steps);
            case DPM2 -> new Dpm2Sampler(config, steps);
            case DPM2_ANCESTRAL -> new Dpm2AncestralSampler(config, steps);
            case DPMPP_2S_ANCESTRAL -> new Dpmpp2sAncestralSampler(config, steps);
            case DPMPP_2M -> new DpmSolverSampler(config, steps, false);
            case DPMPP_SDE -> new DpmSdeSampler(config, steps);
            case DPMPP_2M_SDE -> new DpmSolverSampler(config, steps, true);
            case DPMPP_3M_SDE -> new Dpmpp3mSdeSampler(config, steps);
            case UNIPC -> new UniPcSampler(config, steps);
            case DEIS -> new DeisSampler(config, steps);
            case LCM -> new LcmSampler(config, steps);
        };
    }
}
