package atelier.cli.command;

import atelier.cli.config.SavedPaths;
import atelier.common.error.RefusedException;
import atelier.common.file.JsonText;
import atelier.datasets.consent.prompt.PromptConsent;
import atelier.datasets.consent.prompt.PromptPolicy;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which prompts may be drawn. A creator who opted out in a list that a run was filtered by may not be named to what the run
 * left, its adapter and its merged model; nor may what the prompt policy forbids stand in a prompt.
 */
final class PromptGate {
    /** How far above a file its run's folder may lie: run/merged/unet is the deepest. */
    private static final int HEIGHT = 3;

    private static final String LEDGER = "ledger.json";

    private final Path root;
    private final Map<String, List<String>> prompts;

    /**
     * @param root what relative paths in a run's settings are relative to
     * @param prompts texts without prompt syntax, each under what messages call it
     */
    PromptGate(Path root, Map<String, List<String>> prompts) {
        this.root = root;
        this.prompts = prompts;
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
            Path run = run(product);
            if (run != null) {
                all.addAll(lists(run));
            } else if (names(product)) {
                messages.accept("note: " + product + " was trained under opt-out lists, and neither its run's"
                        + " resolved.conf nor its ledger.json lies beside it; name the lists in optout.manifests");
            }
        }
        PromptConsent consent = new PromptConsent(prompts);
        for (Path list : all) {
            Optional<PromptConsent.Named> named = consent.find(list);
            if (named.isPresent()) {
                PromptConsent.Named who = named.get();
                throw new RefusedException("rule creator: " + who.where() + " names '" + who.name() + "', whom "
                        + who.list() + " line " + who.line() + " opts out; draw without the name");
            }
        }
    }

    /** Refuses prompts that a policy file forbids; null for no policy. */
    void requirePolicy(@Nullable Path file) {
        if (file == null) {
            return;
        }
        PromptPolicy policy = PromptPolicy.read(file);
        prompts.forEach((where, texts) ->
                texts.forEach(text -> policy.objection(text).ifPresent(why -> {
                    throw new RefusedException("rule prompt-policy: " + where + " has " + why + "; draw without it");
                })));
    }

    private static @Nullable Path run(Path product) {
        Path folder = product.toAbsolutePath().normalize();
        for (int i = 0; i <= HEIGHT && folder != null; i++) {
            if (SavedPaths.isRun(folder) || Files.isRegularFile(folder.resolve(LEDGER))) {
                return folder;
            }
            folder = folder.getParent();
        }
        return null;
    }

    /** The lists of a run: those of its settings, or those that its ledger names where the settings are gone. */
    private List<Path> lists(Path run) throws IOException {
        if (SavedPaths.isRun(run)) {
            return SavedPaths.list(run, "optout.manifests", root);
        }
        JsonNode ledger = JsonText.mapper().readTree(run.resolve(LEDGER).toFile());
        List<Path> lists = new ArrayList<>();
        ledger.path("lists")
                .forEach(list -> lists.add(root.resolve(list.path("name").asText())));
        return lists;
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
