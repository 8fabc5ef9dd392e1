package atelier.inference.sampler.schedule;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/**
 * Settings of a model's own scheduler that no sampler here follows. diffusers' picture is promised where the model's
 * scheduler is taken, so each of them is refused by its name.
 */
final class OwnSettings {
    private static final List<String> SHIFTS =
            List.of("thresholding", "use_flow_sigmas", "use_lu_lambdas", "use_dynamic_shifting");

    /** Names of other solvers, which these schedulers take for their own default. */
    private static final Set<String> MULTISTEP_ALIASES = Set.of("logrho", "bh1", "bh2");

    private static final Set<String> UNIPC_ALIASES = Set.of("midpoint", "heun", "logrho");
    private static final Set<String> DEIS_ALIASES = Set.of("midpoint", "heun", "bh1", "bh2");

    private OwnSettings() {}

    /**
     * Brings other solvers' names to what diffusers takes them for, and refuses what is not followed.
     *
     * @param values the scheduler's configuration, whole
     * @throws WrongCommandException naming the setting
     */
    static void check(SamplerKind kind, ObjectNode values) {
        SHIFTS.forEach(key -> require(!values.path(key).asBoolean(false), values, key));
        switch (kind.scheduler()) {
            case "DPMSolverMultistepScheduler" -> {
                alias(values, MULTISTEP_ALIASES, "midpoint");
                among(values, "solver_type", "midpoint", "heun");
                among(values, "algorithm_type", "dpmsolver++", "sde-dpmsolver++");
                among(values, "final_sigmas_type", "zero", "sigma_min");
                require(!values.path("variance_type").asText("").startsWith("learned"), values, "variance_type");
            }
            case "UniPCMultistepScheduler" -> {
                alias(values, UNIPC_ALIASES, "bh2");
                among(values, "solver_type", "bh1", "bh2");
                among(values, "final_sigmas_type", "zero", "sigma_min");
                require(values.path("disable_corrector").isEmpty(), values, "disable_corrector");
                for (String key : List.of("solver_p", "sigma_min", "sigma_max", "shift_terminal")) {
                    require(!values.hasNonNull(key), values, key);
                }
            }
            case "DEISMultistepScheduler" -> {
                alias(values, DEIS_ALIASES, "logrho");
                among(values, "solver_type", "logrho");
                if (Set.of("dpmsolver", "dpmsolver++")
                        .contains(values.path("algorithm_type").asText())) {
                    values.put("algorithm_type", "deis");
                }
                among(values, "algorithm_type", "deis");
            }
            case "PNDMScheduler" -> among(values, "prediction_type", "epsilon", "v_prediction");
            default -> {
                // Each of the others checks its own settings.
            }
        }
    }

    private static void alias(ObjectNode values, Set<String> aliases, String meant) {
        if (aliases.contains(values.path("solver_type").asText())) {
            values.put("solver_type", meant);
        }
    }

    private static void among(ObjectNode values, String key, String... known) {
        require(List.of(known).contains(values.path(key).asText(known[0])), values, key);
    }

    private static void require(boolean followed, ObjectNode values, String key) {
        if (!followed) {
            JsonNode value = values.path(key);
            throw new WrongCommandException("scheduler_config.json sets " + key + " = " + value
                    + ", which Atelier's samplers do not follow; choose a sampler by name, such as sampler=dpmpp_2m, to"
                    + " draw without it");
        }
    }
}
