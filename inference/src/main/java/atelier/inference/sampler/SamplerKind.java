package atelier.inference.sampler;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The samplers that a user can name, each with the scheduler of diffusers whose keys and defaults it takes. */
public enum SamplerKind {
    DDPM("ddpm", "DDPMScheduler"),
    DDIM("ddim", "DDIMScheduler"),
    PNDM("pndm", "PNDMScheduler"),
    EULER("euler", "EulerDiscreteScheduler"),
    EULER_ANCESTRAL("euler_ancestral", "EulerAncestralDiscreteScheduler"),
    HEUN("heun", "HeunDiscreteScheduler"),
    LMS("lms", "LMSDiscreteScheduler"),
    DPM2("dpm2", "KDPM2DiscreteScheduler"),
    DPM2_ANCESTRAL("dpm2_ancestral", "KDPM2AncestralDiscreteScheduler"),
    /** Known from k-diffusion alone, on the noise levels of diffusers' LMS scheduler, as diffusers runs k-diffusion. */
    DPMPP_2S_ANCESTRAL("dpmpp_2s_ancestral", "LMSDiscreteScheduler"),
    DPMPP_2M("dpmpp_2m", "DPMSolverMultistepScheduler"),
    DPMPP_SDE("dpmpp_sde", "DPMSolverSDEScheduler"),
    DPMPP_2M_SDE("dpmpp_2m_sde", "DPMSolverMultistepScheduler"),
    /** Known from k-diffusion alone, on the noise levels of diffusers' LMS scheduler. */
    DPMPP_3M_SDE("dpmpp_3m_sde", "LMSDiscreteScheduler"),
    UNIPC("unipc", "UniPCMultistepScheduler"),
    DEIS("deis", "DEISMultistepScheduler"),
    LCM("lcm", "LCMScheduler");

    private final String key;
    private final String scheduler;

    SamplerKind(String key, String scheduler) {
        this.key = key;
        this.scheduler = scheduler;
    }

    /** The name in a configuration. */
    public String key() {
        return key;
    }

    /** The class of diffusers whose configuration keys and defaults apply. */
    public String scheduler() {
        return scheduler;
    }

    /** The sampler of that name; throws IllegalArgumentException that lists the names. */
    public static SamplerKind of(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("sampler must be one of "
                        + Arrays.stream(values()).map(SamplerKind::key).collect(Collectors.joining(", "))
                        + "; got '" + key + "'"));
    }

    /** The sampler that a model's own scheduler class stands for, if it is one of ours. */
    public static Optional<SamplerKind> ofScheduler(String className) {
        return switch (className) {
            case "LMSDiscreteScheduler" -> Optional.of(LMS);
            case "DPMSolverMultistepScheduler" -> Optional.of(DPMPP_2M);
            default ->
                Arrays.stream(values())
                        .filter(kind -> kind.scheduler.equals(className))
                        .findFirst();
        };
    }
}
