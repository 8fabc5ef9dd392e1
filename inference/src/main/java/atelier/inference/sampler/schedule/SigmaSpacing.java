package atelier.inference.sampler.schedule;

import atelier.common.error.WrongCommandException;
import org.jspecify.annotations.Nullable;

/** How the noise levels of the steps are spaced. */
public enum SigmaSpacing {
    /** At the timesteps' own noise levels. */
    PLAIN("plain", null),
    /** Evenly in sigma^(1/7) (Karras et al., "Elucidating the design space of diffusion-based generative models"). */
    KARRAS("karras", "use_karras_sigmas"),
    /** Evenly in log sigma. */
    EXPONENTIAL("exponential", "use_exponential_sigmas"),
    /** At the quantiles of Beta(0.6, 0.6) (Lee et al., "Beta sampling is all you need", 2024). */
    BETA("beta", "use_beta_sigmas");

    private final String key;
    private final @Nullable String configKey;

    SigmaSpacing(String key, @Nullable String configKey) {
        this.key = key;
        this.configKey = configKey;
    }

    /** The name in a configuration. */
    public String key() {
        return key;
    }

    /** The flag that asks for it in scheduler_config.json; null for plain. */
    @Nullable
    String configKey() {
        return configKey;
    }

    /** The spacing of that name; throws WrongCommandException that lists the names. */
    public static SigmaSpacing of(String key) {
        for (SigmaSpacing spacing : values()) {
            if (spacing.key.equals(key)) {
                return spacing;
            }
        }
        throw new WrongCommandException("sigma_schedule must be plain, karras, exponential or beta, got '" + key + "'");
    }
}
