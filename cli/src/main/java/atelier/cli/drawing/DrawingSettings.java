package atelier.cli.drawing;

import atelier.cli.config.InlineKeys;
import atelier.diffusion.model.ModelSettings;
import atelier.inference.request.AdapterAndEmbeddingSettings;
import atelier.inference.request.OutputSettings;
import atelier.inference.request.PromptSettings;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.SourceSettings;
import atelier.inference.safety.SafetySettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@code generate}, which the studio draws with too.
 *
 * @param promptPolicy words and creators that prompts must not hold; null for none
 * @param optout opt-out lists that count beside those of the runs that model and adapters come from
 * @param device auto, cpu, cuda or cuda:N
 */
public record DrawingSettings(
        @InlineKeys PromptSettings words,
        @InlineKeys SamplingSettings sampling,
        @InlineKeys SourceSettings source,
        @InlineKeys OutputSettings output,
        @InlineKeys AdapterAndEmbeddingSettings adapted,
        @InlineKeys SafetySettings safety,
        @Nullable Path promptPolicy,
        Lists optout,
        String device,
        ModelSettings model) {

    /** @param manifests opt-out lists, as train takes them */
    public record Lists(List<Path> manifests) {
        public Lists {
            manifests = List.copyOf(manifests);
        }
    }
}
