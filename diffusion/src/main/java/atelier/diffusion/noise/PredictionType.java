package atelier.diffusion.noise;

import atelier.common.error.WrongCommandException;

/** What a denoising network was taught to predict from a noised sample. */
public enum PredictionType {
    /** The noise itself (Ho et al., 2020). */
    EPSILON("epsilon"),
    /** The velocity v = sqrt(alphaBar) noise - sqrt(1 - alphaBar) sample (Salimans and Ho, 2022). */
    V_PREDICTION("v_prediction"),
    /** The sample without noise. */
    SAMPLE("sample");

    private final String key;

    PredictionType(String key) {
        this.key = key;
    }

    /** The name in diffusers' scheduler_config.json. */
    public String key() {
        return key;
    }

    /** The type of that name; throws WrongCommandException that lists the names. */
    public static PredictionType of(String key) {
        for (PredictionType type : values()) {
            if (type.key.equals(key)) {
                return type;
            }
        }
        throw new WrongCommandException("prediction_type must be epsilon, v_prediction or sample, got '" + key + "'");
    }
}
