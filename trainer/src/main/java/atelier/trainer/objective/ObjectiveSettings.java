package atelier.trainer.objective;

import static atelier.common.error.Checks.check;

import atelier.diffusion.noise.NoiseSettings;
import atelier.diffusion.noise.PredictionType;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code objective} of the configuration.
 *
 * @param predictionType what the network is taught to predict; null for what the model's scheduler configuration says
 * @param zeroTerminalSnr whether the last step is made pure noise (Lin et al. 2023); for v and the sample only
 * @param loss how a difference counts
 * @param huberC c0, the Huber losses' threshold
 * @param huberScale multiplies the threshold
 * @param huberSchedule how the threshold follows the timestep
 * @param weighting what a timestep's loss is multiplied by
 * @param minSnrGamma gamma of min_snr
 * @param p2K k of p2
 * @param p2Gamma gamma of p2
 * @param maskedLoss whether each picture's mask multiplies its loss
 * @param maskNormalised whether a masked loss is divided by the mask's mean, so that small masks count in full
 * @param inpaintingMasks which masks an inpainting base is trained with; of no effect on other bases
 * @param priorLossWeight multiplies the loss of prior-preservation pictures (Ruiz et al. 2023, DreamBooth)
 * @param noiseOffset strength of one more normal number a channel in the noise; 0 for none
 * @param multiresNoiseIterations octaves of pyramid noise; 0 for none
 * @param multiresNoiseDiscount what each further octave is multiplied by
 * @param inputPerturbation strength of the noise that the input gets beside the target's; 0 for none
 * @param timesteps how timesteps are drawn
 * @param minTimestep the first timestep that is drawn
 * @param maxTimestep one past the last
 * @param logitMean mean of logit_normal
 * @param logitStd deviation of logit_normal
 */
public record ObjectiveSettings(
        @Nullable PredictionType predictionType,
        boolean zeroTerminalSnr,
        LossName loss,
        double huberC,
        double huberScale,
        HuberSchedule huberSchedule,
        LossWeighting weighting,
        double minSnrGamma,
        double p2K,
        double p2Gamma,
        boolean maskedLoss,
        boolean maskNormalised,
        InpaintingMasks inpaintingMasks,
        double priorLossWeight,
        double noiseOffset,
        int multiresNoiseIterations,
        double multiresNoiseDiscount,
        double inputPerturbation,
        TimestepLaw timesteps,
        int minTimestep,
        int maxTimestep,
        double logitMean,
        double logitStd) {
    public ObjectiveSettings {
        check(huberC > 0 && huberC <= 1, "objective.huber_c must be above 0 and at most 1, got %s", huberC);
        check(huberScale > 0, "objective.huber_scale must be above 0, got %s", huberScale);
        check(minSnrGamma > 0, "objective.min_snr_gamma must be above 0, got %s", minSnrGamma);
        check(p2K > 0, "objective.p2_k must be above 0, got %s", p2K);
        check(p2Gamma >= 0, "objective.p2_gamma must be at least 0, got %s", p2Gamma);
        check(priorLossWeight >= 0, "objective.prior_loss_weight must be at least 0, got %s", priorLossWeight);
        check(noiseOffset >= 0, "objective.noise_offset must be at least 0, got %s", noiseOffset);
        check(
                multiresNoiseIterations >= 0,
                "objective.multires_noise_iterations must be at least 0, got %s",
                multiresNoiseIterations);
        check(
                multiresNoiseDiscount > 0 && multiresNoiseDiscount <= 1,
                "objective.multires_noise_discount must be above 0 and at most 1, got %s",
                multiresNoiseDiscount);
        check(inputPerturbation >= 0, "objective.input_perturbation must be at least 0, got %s", inputPerturbation);
        check(minTimestep >= 0, "objective.min_timestep must be at least 0, got %s", minTimestep);
        check(
                maxTimestep > minTimestep,
                "objective.max_timestep must be above objective.min_timestep, got %s",
                maxTimestep);
        check(logitStd > 0, "objective.logit_std must be above 0, got %s", logitStd);
    }

    /**
     * The noise that training uses, from the model's own.
     *
     * @throws WrongCommandException where zero terminal SNR meets noise prediction: the last step's input is noise
     *     alone, and to predict it teaches nothing
     */
    public NoiseSettings noise(NoiseSettings model) {
        PredictionType kind = predictionType == null ? model.prediction() : predictionType;
        boolean zero = zeroTerminalSnr || model.zeroTerminalSnr();
        check(
                !zero || kind != PredictionType.EPSILON,
                "objective.zero_terminal_snr needs objective.prediction_type = v_prediction or sample, got %s",
                kind.key());
        return new NoiseSettings(
                model.trainSteps(),
                model.betaStart(),
                model.betaEnd(),
                model.curve(),
                model.trainedBetas(),
                zero,
                kind);
    }
}
