package atelier.trainer.output;

import atelier.diffusion.noise.NoiseSettings;
import atelier.trainer.objective.ObjectiveSettings;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The scheduler_config.json of a model that was taught another prediction, or with a purely noisy last step. */
public final class SchedulerConfigUpdate {
    /** diffusers' schedulers that know rescale_betas_zero_snr; the others would draw with the wrong noise. */
    private static final Set<String> RESCALING = Set.of(
            "DDIMScheduler",
            "DDPMScheduler",
            "EulerDiscreteScheduler",
            "EulerAncestralDiscreteScheduler",
            "DPMSolverMultistepScheduler",
            "UniPCMultistepScheduler",
            "LCMScheduler");

    private SchedulerConfigUpdate() {}

    /**
     * The base's configuration with what training changes in it. With a purely noisy last step samplers must begin at
     * that step (Lin et al. 2023, section 3.3): timestep_spacing is trailing.
     *
     * @param objective of the training
     */
    public static ObjectNode of(ObjectNode base, ObjectiveSettings objective) {
        NoiseSettings taught = objective.noise(NoiseSettings.of(base));
        ObjectNode config = base.deepCopy();
        config.put("prediction_type", taught.prediction().key());
        if (taught.zeroTerminalSnr()) {
            config.put("rescale_betas_zero_snr", true);
            config.put("timestep_spacing", "trailing");
            if (!RESCALING.contains(config.path("_class_name").asText("DDIMScheduler"))) {
                config.put("_class_name", "DDIMScheduler");
            }
        }
        return config;
    }
}
