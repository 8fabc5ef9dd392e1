package atelier.trainer.objective;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.PredictionType;

/** What a timestep's loss is multiplied by, from its signal-to-noise ratio snr: objective.weighting. */
public enum LossWeighting {
    /** 1. */
    NONE,
    /**
     * min(snr, gamma) / snr for epsilon, / (snr + 1) for v, min(snr, gamma) for the sample: the same weight on the
     * sample's error in all three (Hang et al. 2023, min-SNR-gamma).
     */
    MIN_SNR,
    /** 1 / sqrt(snr) for epsilon (Yu et al. 2023, debiased estimation), 1 / (snr + 1) for v (kohya); snr at most 1000. */
    DEBIASED,
    /** 1 / (k + snr)^gamma (Choi et al. 2022, P2). */
    P2,
    /** snr / (snr + 1), for v: what weighs v as if noise were predicted (kohya's scale_v_pred_loss_like_noise_pred). */
    V_LIKE_EPSILON;

    private static final double DEBIASED_CAP = 1000;

    /**
     * The weight of a timestep.
     *
     * @throws WrongCommandException where the weighting is not defined for what is predicted
     */
    double weight(double snr, PredictionType prediction, ObjectiveSettings settings) {
        return switch (this) {
            case NONE -> 1;
            case MIN_SNR -> minSnr(snr, prediction, settings.minSnrGamma());
            case DEBIASED -> debiased(Math.min(snr, DEBIASED_CAP), prediction);
            case P2 -> Math.pow(settings.p2K() + snr, -settings.p2Gamma());
            case V_LIKE_EPSILON -> {
                if (prediction != PredictionType.V_PREDICTION) {
                    throw undefined(prediction);
                }
                yield snr / (snr + 1);
            }
        };
    }

    private static double minSnr(double snr, PredictionType prediction, double gamma) {
        double capped = Math.min(snr, gamma);
        return switch (prediction) {
            case EPSILON -> snr == 0 ? 1 : capped / snr;
            case V_PREDICTION -> capped / (snr + 1);
            case SAMPLE -> capped;
        };
    }

    private double debiased(double snr, PredictionType prediction) {
        return switch (prediction) {
            case EPSILON -> 1 / Math.sqrt(snr);
            case V_PREDICTION -> 1 / (snr + 1);
            case SAMPLE -> throw undefined(prediction);
        };
    }

    private WrongCommandException undefined(PredictionType prediction) {
        return new WrongCommandException("objective.weighting = " + name().toLowerCase(java.util.Locale.ROOT)
                + " is not defined for a model that predicts " + prediction.key()
                + "; take min_snr, which is defined for all");
    }
}
