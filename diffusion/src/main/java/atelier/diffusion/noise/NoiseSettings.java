package atelier.diffusion.noise;

import static atelier.common.error.Checks.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What defines a noise schedule, in the terms of diffusers' scheduler_config.json.
 *
 * @param trainSteps the number of noising steps the network was trained on (num_train_timesteps)
 * @param betaStart the first step's variance
 * @param betaEnd the last step's variance
 * @param curve how beta grows between them
 * @param trainedBetas the betas one by one, which then replace curve, start and end; null for none
 * @param zeroTerminalSnr whether the last step is made pure noise (rescale_betas_zero_snr)
 * @param prediction what the network predicts
 */
public record NoiseSettings(
        int trainSteps,
        double betaStart,
        double betaEnd,
        BetaCurve curve,
        @Nullable List<Double> trainedBetas,
        boolean zeroTerminalSnr,
        PredictionType prediction) {

    /** Schedulers of processes that are not variance-preserving. */
    private static final List<String> OTHER_PROCESSES = List.of(
            "EDM",
            "FlowMatch",
            "CosineDPMSolver",
            "KarrasVe",
            "ScoreSdeVe",
            "SdeVe",
            "CMStochastic",
            "VQDiffusion",
            "SCM");

    public NoiseSettings {
        check(trainSteps > 0, "num_train_timesteps must be at least 1, got " + trainSteps);
        check(betaStart > 0 && betaStart < 1, "beta_start must be between 0 and 1, got " + betaStart);
        check(betaEnd > 0 && betaEnd < 1, "beta_end must be between 0 and 1, got " + betaEnd);
        check(betaStart <= betaEnd, "beta_start must not exceed beta_end, got " + betaStart + " and " + betaEnd);
        if (trainedBetas != null) {
            trainedBetas = List.copyOf(trainedBetas);
            check(
                    trainedBetas.size() == trainSteps,
                    "trained_betas must hold num_train_timesteps = " + trainSteps + " values, got "
                            + trainedBetas.size());
            check(
                    trainedBetas.stream().allMatch(beta -> beta > 0 && beta < 1),
                    "each of trained_betas must be between 0 and 1");
        }
    }

    /**
     * Reads scheduler_config.json. A key that is absent takes the value that most of diffusers' schedulers give it: 1000
     * steps, linear from 0.0001 to 0.02, epsilon.
     *
     * @throws WrongCommandException naming the key that has a value of the wrong type or range
     */
    public static NoiseSettings of(JsonNode config) {
        String scheduler = config.path("_class_name").asText("");
        check(
                OTHER_PROCESSES.stream().noneMatch(scheduler::startsWith) && !config.hasNonNull("sigma_data"),
                "the model's scheduler, " + scheduler
                        + ", is of another way to add noise than Stable Diffusion's (EDM's"
                        + " or flow matching's), in which Atelier neither draws nor trains; take a model of noise or v"
                        + " prediction");
        return new NoiseSettings(
                (int) number(config, "num_train_timesteps", 1000),
                number(config, "beta_start", 0.0001),
                number(config, "beta_end", 0.02),
                BetaCurve.of(text(config, "beta_schedule", "linear")),
                betas(config.get("trained_betas")),
                config.path("rescale_betas_zero_snr").asBoolean(false),
                PredictionType.of(text(config, "prediction_type", "epsilon")));
    }

    private static double number(JsonNode config, String key, double absent) {
        JsonNode value = config.get(key);
        if (value == null) {
            return absent;
        }
        check(value.isNumber(), key + " in scheduler_config.json must be a number, got " + value);
        check(
                Double.isFinite(value.doubleValue()),
                key + " in scheduler_config.json must be a finite number, got " + value);
        return value.doubleValue();
    }

    private static String text(JsonNode config, String key, String absent) {
        JsonNode value = config.get(key);
        if (value == null) {
            return absent;
        }
        check(value.isTextual(), key + " in scheduler_config.json must be a string, got " + value);
        return value.textValue();
    }

    private static @Nullable List<Double> betas(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return null;
        }
        check(value.isArray(), "trained_betas in scheduler_config.json must be a list of numbers or null");
        List<Double> betas = new ArrayList<>();
        for (JsonNode beta : value) {
            check(
                    beta.isNumber() && Double.isFinite(beta.doubleValue()),
                    "trained_betas in scheduler_config.json must hold numbers, got " + beta);
            betas.add(beta.doubleValue());
        }
        return betas;
    }
}
