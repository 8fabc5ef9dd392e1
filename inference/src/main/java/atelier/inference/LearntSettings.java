package atelier.inference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What others learnt and the model takes on.
 *
 * @param adapters with their weights
 * @param adapter one at full weight; null for none
 * @param adapterStrengths factors of all weights: each prompt is drawn once with each; empty for once as they are
 * @param embeddings textual inversions that prompts may use
 */
public record LearntSettings(
        List<AdapterChoice> adapters,
        @Nullable AdapterChoice adapter,
        List<Double> adapterStrengths,
        List<EmbeddingChoice> embeddings) {

    /** Nothing. */
    public static final LearntSettings NONE = new LearntSettings(List.of(), null, List.of(), List.of());

    public LearntSettings {
        adapters = List.copyOf(adapters);
        adapterStrengths = List.copyOf(adapterStrengths);
        embeddings = List.copyOf(embeddings);
        if (!adapterStrengths.isEmpty() && adapters.isEmpty() && adapter == null) {
            throw new IllegalArgumentException("adapter_strengths needs adapters, whose weights it multiplies");
        }
    }

    /** All adapters, in their order. */
    List<AdapterChoice> all() {
        List<AdapterChoice> all = new ArrayList<>(adapters);
        if (adapter != null) {
            all.add(adapter);
        }
        return all;
    }

    /** The factors that each prompt is drawn with. */
    List<Double> strengths() {
        return adapterStrengths.isEmpty() ? List.of(1.0) : adapterStrengths;
    }
}
