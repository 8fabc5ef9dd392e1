package atelier.diffusion.adapter;

import atelier.diffusion.adapter.settings.AdapterInit;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.tensor.Layer.Group;
import java.util.List;
import java.util.Map;

/** Settings of an adapter for tests: a plain LoRA unless a test asks for more. */
final class SettingsFixture {
    AdapterMethodName method = AdapterMethodName.LORA;
    AdapterInit init = AdapterInit.DEFAULT;
    List<Group> targets = List.of(Group.ATTENTION, Group.RESNETS);
    Integer convRank;
    boolean lengths;
    boolean tucker;
    double constraint;
    boolean rescaled;
    List<String> onInput = List.of("*.to_k");
    double dropout;
    double rankDropout;
    double moduleDropout;
    Map<String, Integer> ranks = Map.of();
    Map<String, Double> alphas = Map.of();
    Map<String, Double> rates = Map.of();
    List<String> exclude = List.of();

    AdapterSettings settings() {
        return new AdapterSettings(
                method,
                4,
                4,
                targets,
                false,
                init,
                convRank,
                null,
                lengths,
                tucker,
                -1,
                false,
                false,
                constraint,
                rescaled,
                onInput,
                dropout,
                rankDropout,
                moduleDropout,
                0,
                ranks,
                alphas,
                rates,
                exclude,
                false,
                null);
    }
}
