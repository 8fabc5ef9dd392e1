package atelier.datasets.consent.prompt;

import atelier.common.file.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The opt-out lists that a run was filtered by, found from what the run left, its adapter or its merged model: they hold for
 * what is drawn with it too.
 */
public final class RunLists {
    /** How far above a file its run's folder may lie: run/merged/unet is the deepest. */
    private static final int HEIGHT = 3;

    private static final String LEDGER = "ledger.json";

    private final Path root;
    private final Saved saved;

    /** What the settings that a run saved say. */
    public interface Saved {
        /** The lists that they name; empty where the folder has no settings. */
        Optional<List<Path>> lists(Path folder) throws IOException;
    }

    /** @param root what relative paths in a ledger are relative to */
    public RunLists(Path root, Saved saved) {
        this.root = root;
        this.saved = saved;
    }

    /** The lists of the run that a file or folder came from: its settings', else its ledger's; empty without a run. */
    public Optional<List<Path>> of(Path product) throws IOException {
        Path folder = product.toAbsolutePath().normalize();
        for (int i = 0; i <= HEIGHT && folder != null; i++) {
            Optional<List<Path>> lists = saved.lists(folder);
            if (lists.isEmpty() && Files.isRegularFile(folder.resolve(LEDGER))) {
                lists = Optional.of(ofLedger(folder.resolve(LEDGER)));
            }
            if (lists.isPresent()) {
                return lists;
            }
            folder = folder.getParent();
        }
        return Optional.empty();
    }

    private List<Path> ofLedger(Path file) throws IOException {
        JsonNode ledger = JsonText.mapper().readTree(file.toFile());
        List<Path> lists = new ArrayList<>();
        ledger.path("lists")
                .forEach(list -> lists.add(root.resolve(list.path("name").asText())));
        return lists;
    }
}
