package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the settings of an older run say. */
public final class SavedSettings {
    private static final String OVERRIDES_KEY = "overrides";

    private SavedSettings() {}

    /** Whether a folder is a run's. */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(SavedRun.RESOLVED));
    }

    /**
     * The list of paths under a key of a run's settings; empty where the run has no such key.
     *
     * @param root what relative paths are relative to
     * @throws ConfigurationException when the settings cannot be read
     */
    public static List<Path> list(Path run, String key, Path root) {
        Path file = run.resolve(SavedRun.RESOLVED);
        try {
            Config saved = ConfigFactory.parseFile(file.toFile());
            return saved.hasPath(key)
                    ? saved.getStringList(key).stream().map(root::resolve).toList()
                    : List.of();
        } catch (ConfigException e) {
            throw new ConfigurationException(new Problem(
                    file.toString(),
                    key + " cannot be read: " + e.getMessage(),
                    "restore the file that the run saved"));
        }
    }

    /** The words that a run was started with, as typed; none where the run saved none. */
    public static List<String> changes(Path run) {
        Path file = run.resolve(SavedRun.OVERRIDES);
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            Config saved = ConfigFactory.parseFile(file.toFile());
            return saved.hasPath(OVERRIDES_KEY) ? List.copyOf(saved.getStringList(OVERRIDES_KEY)) : List.of();
        } catch (ConfigException e) {
            throw new ConfigurationException(
                    new Problem(file.toString(), "it cannot be read: " + e.getMessage(), "delete it"));
        }
    }
}
