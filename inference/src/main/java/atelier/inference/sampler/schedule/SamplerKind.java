package atelier.inference.sampler.schedule;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The samplers that a user can name, each with the scheduler of diffusers whose keys and defaults it takes. */
public enum SamplerKind {
    DDPM("ddpm", "DDPMScheduler", "DDPM"),
    DDIM("ddim", "DDIMScheduler", "DDIM"),
    PNDM("pndm", "PNDMScheduler", "PNDM"),
    EULER("euler", "EulerDiscreteScheduler", "Euler"),
    EULER_ANCESTRAL("euler_ancestral", "EulerAncestralDiscreteScheduler", "Euler a"),
    HEUN("heun", "HeunDiscreteScheduler", "Heun"),
    LMS("lms", "LMSDiscreteScheduler", "LMS"),
    DPM2("dpm2", "KDPM2DiscreteScheduler", "DPM2"),
    DPM2_ANCESTRAL("dpm2_ancestral", "KDPM2AncestralDiscreteScheduler", "DPM2 a"),
    /** Known from k-diffusion alone, on the noise levels of diffusers' LMS scheduler, as diffusers runs k-diffusion. */
    DPMPP_2S_ANCESTRAL("dpmpp_2s_ancestral", "LMSDiscreteScheduler", "DPM++ 2S a"),
    DPMPP_2M("dpmpp_2m", "DPMSolverMultistepScheduler", "DPM++ 2M"),
    DPMPP_SDE("dpmpp_sde", "DPMSolverSDEScheduler", "DPM++ SDE"),
    DPMPP_2M_SDE("dpmpp_2m_sde", "DPMSolverMultistepScheduler", "DPM++ 2M SDE"),
    /** Known from k-diffusion alone, on the noise levels of diffusers' LMS scheduler. */
    DPMPP_3M_SDE("dpmpp_3m_sde", "LMSDiscreteScheduler", "DPM++ 3M SDE"),
    UNIPC("unipc", "UniPCMultistepScheduler", "UniPC"),
    DEIS("deis", "DEISMultistepScheduler", "DEIS"),
    LCM("lcm", "LCMScheduler", "LCM");

    private final String key;
    private final String scheduler;
    private final String displayName;

    SamplerKind(String key, String scheduler, String displayName) {
        this.key = key;
        this.scheduler = scheduler;
        this.displayName = displayName;
    }

    /** The name in a configuration. */
    public String key() {
        return key;
    }

    /** The class of diffusers whose configuration keys and defaults apply. */
    public String scheduler() {
        return scheduler;
    }

    /** The name under which users of AUTOMATIC1111's web UI know it. */
    public String displayName() {
        return displayName;
    }

    /** The sampler of that name; throws WrongCommandException that lists the names. */
    public static SamplerKind of(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new WrongCommandException("sampler must be one of "
                        + Arrays.stream(values()).map(SamplerKind::key).collect(Collectors.joining(", "))
                        + "; got '" + key + "'"));
    }

    /**
     * The sampler that a model's own scheduler stands for, if it is one of ours: its class, and of DPM-Solver's the
     * algorithm.
     *
     * @param scheduler the model's scheduler_config.json
     */
    public static Optional<SamplerKind> ofConfig(JsonNode scheduler) {
        String className = scheduler.path("_class_name").asText("DDIMScheduler");
        boolean stochastic = className.equals(DPMPP_2M.scheduler)
                && scheduler.path("algorithm_type").asText().startsWith("sde-");
        return stochastic ? Optional.of(DPMPP_2M_SDE) : ofScheduler(className);
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
