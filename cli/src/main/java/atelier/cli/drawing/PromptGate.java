package atelier.cli.drawing;

import atelier.cli.config.SavedSettings;
import atelier.common.error.RefusedException;
import atelier.datasets.consent.prompt.PromptRules;
import atelier.datasets.consent.prompt.RunLists;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Holds a command's prompts against the prompt rules, with the lists of the runs that model and adapters came from. */
final class PromptGate {
    private final PromptRules rules;
    private final RunLists runs;

    /**
     * @param root what relative paths in a run's settings are relative to
     * @param prompts texts without prompt syntax, each under what messages call it
     */
    PromptGate(Path root, Map<String, List<String>> prompts) {
        this.rules = new PromptRules(prompts);
        this.runs = new RunLists(
                root,
                folder -> SavedSettings.isRun(folder)
                        ? Optional.of(SavedSettings.list(folder, "optout.manifests", root))
                        : Optional.empty());
    }

    /**
     * Refuses prompts that name a creator who opted out.
     *
     * @param products model and adapters: the lists of the runs that they came from count
     * @param lists further lists
     * @param messages hears of adapters whose run is not at hand
     * @throws RefusedException with the rule, the list and the line
     */
    void requireConsent(List<Path> products, List<Path> lists, Consumer<String> messages) throws IOException {
        Set<Path> all = new LinkedHashSet<>(lists);
        for (Path product : products) {
            Optional<List<Path>> own = runs.of(product);
            if (own.isPresent()) {
                all.addAll(own.get());
            } else if (names(product)) {
                messages.accept("note: " + product + " was trained under opt-out lists, and neither its run's"
                        + " resolved.conf nor its ledger.json lies beside it; name the lists in optout.manifests");
            }
        }
        rules.requireConsent(all);
    }

    /** Refuses prompts that a policy file forbids; null for no policy. */
    void requirePolicy(@Nullable Path file) {
        rules.requirePolicy(file);
    }

    private static boolean names(Path adapter) throws IOException {
        if (!adapter.toString().endsWith(".safetensors") || !Files.isRegularFile(adapter)) {
            return false;
        }
        try {
            return SafetensorsFile.open(adapter).metadata().containsKey("atelier.ledger_sha256");
        } catch (WeightsException e) {
            return false; // whoever reads the adapter says what is wrong with it
        }
    }
}
