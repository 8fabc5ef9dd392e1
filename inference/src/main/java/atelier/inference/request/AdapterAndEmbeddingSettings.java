package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.math.BlockStrength;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What others trained and the model takes on.
 *
 * @param adapters with their weights
 * @param adapter one at full weight; null for none
 * @param adaptersDir folder in which adapters that prompts name are looked for; null for none
 * @param blocks factors of all adapters in parts of the model
 * @param adapterStrengths factors of all weights: each prompt is drawn once with each; empty for once as they are
 * @param embeddings textual inversions that prompts may use
 */
public record AdapterAndEmbeddingSettings(
        List<AdapterChoice> adapters,
        @Nullable AdapterChoice adapter,
        @Nullable Path adaptersDir,
        List<BlockStrength> blocks,
        List<Double> adapterStrengths,
        List<EmbeddingChoice> embeddings) {

    /** Nothing. */
    public static final AdapterAndEmbeddingSettings NONE =
            new AdapterAndEmbeddingSettings(List.of(), null, null, List.of(), List.of(), List.of());

    public AdapterAndEmbeddingSettings {
        adapters = List.copyOf(adapters);
        blocks = List.copyOf(blocks);
        adapterStrengths = List.copyOf(adapterStrengths);
        embeddings = List.copyOf(embeddings);
        boolean none = adapters.isEmpty() && adapter == null && adaptersDir == null;
        if (none && !adapterStrengths.isEmpty()) {
            throw new WrongCommandException("adapter_strengths needs adapters, whose weights it multiplies");
        }
        if (none && !blocks.isEmpty()) {
            throw new WrongCommandException("blocks needs adapters, whose weights it multiplies in parts");
        }
    }

    /** All adapters, in their order. */
    List<AdapterChoice> all() {
        List<AdapterChoice> all = new ArrayList<>(adapters);
        if (adapter != null) {
            all.add(adapter);
        }
        return all.stream().map(choice -> choice.in(blocks)).toList();
    }

    /** The factors that each prompt is drawn with. */
    List<Double> strengths() {
        return adapterStrengths.isEmpty() ? List.of(1.0) : adapterStrengths;
    }
}
