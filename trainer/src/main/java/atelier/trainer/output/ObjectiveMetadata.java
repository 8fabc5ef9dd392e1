package atelier.trainer.output;

import static atelier.trainer.output.RunMetadata.truth;
import static atelier.trainer.output.RunMetadata.word;

import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.trainer.objective.LossWeighting;
import atelier.trainer.objective.ObjectiveSettings;

/** The loss that an adapter was trained by. */
public record ObjectiveMetadata(ObjectiveSettings objective) {
    void write(AdapterMetadata metadata) {
        boolean minSnr = objective.weighting() == LossWeighting.MIN_SNR;
        metadata.text("ss_loss_type", kohyasLoss())
                .text("ss_huber_schedule", word(objective.huberSchedule()))
                .figure("ss_huber_c", objective.huberC())
                .figure("ss_huber_scale", objective.huberScale())
                .text("ss_min_snr_gamma", minSnr ? Double.toString(objective.minSnrGamma()) : "None")
                .text("ss_debiased_estimation", truth(objective.weighting() == LossWeighting.DEBIASED))
                .text("ss_zero_terminal_snr", truth(objective.zeroTerminalSnr()))
                .text("ss_noise_offset", orNone(objective.noiseOffset()))
                .text("ss_ip_noise_gamma", orNone(objective.inputPerturbation()))
                .text("ss_multires_noise_iterations", orNone(objective.multiresNoiseIterations()))
                .figure("ss_multires_noise_discount", objective.multiresNoiseDiscount())
                .figure("ss_prior_loss_weight", objective.priorLossWeight())
                .text("modelspec.timestep_range", objective.minTimestep() + "," + objective.maxTimestep());
    }

    /** Whether the adapter draws right only with a scheduler configuration that is not its base's. */
    boolean changesScheduler() {
        return objective.predictionType() != null || objective.zeroTerminalSnr();
    }

    private String kohyasLoss() {
        return switch (objective.loss()) {
            case MSE -> "l2";
            case HUBER -> "huber";
            case SMOOTH_L1 -> "smooth_l1";
        };
    }

    private static String orNone(double value) {
        return value == 0 ? "None" : value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
