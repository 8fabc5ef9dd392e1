package atelier.cli.config;

import atelier.common.file.AtomicFile;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The three files that say what a run was asked: the settings in full, the groups' options, the overrides. */
final class SavedRun {
    static final String RESOLVED = "resolved.conf";
    private static final String CHOICES = "choices.conf";
    static final String OVERRIDES = "overrides.conf";
    private static final ConfigRenderOptions HOCON = ConfigRenderOptions.defaults()
            .setOriginComments(false)
            .setComments(false)
            .setJson(false);

    private SavedRun() {}

    static String render(ConfigObject object) {
        return object.render(HOCON);
    }

    static void write(Path folder, ConfigObject settings, Map<String, List<String>> choices, List<String> overrides)
            throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> options = new LinkedHashMap<>();
        choices.forEach((group, names) -> options.put(group, names.size() == 1 ? names.get(0) : names));
        AtomicFile.write(folder.resolve(RESOLVED), render(settings));
        AtomicFile.write(folder.resolve(CHOICES), render(ConfigValueFactory.fromMap(options)));
        AtomicFile.write(folder.resolve(OVERRIDES), render(ConfigValueFactory.fromMap(Map.of("overrides", overrides))));
    }

    /** The groups' options saved beside a resolved.conf; none where there is no such file. */
    static Map<String, List<String>> choices(Path resolved) {
        Map<String, List<String>> choices = new LinkedHashMap<>();
        Path file = resolved.resolveSibling(CHOICES);
        if (Files.isRegularFile(file)) {
            try {
                Config saved = ConfigFactory.parseFile(file.toFile());
                saved.root().unwrapped().forEach((group, option) -> {
                    List<?> names = option instanceof List<?> several ? several : List.of(option);
                    choices.put(group, names.stream().map(String::valueOf).toList());
                });
            } catch (ConfigException e) {
                throw new ConfigurationException(
                        new Problem(file.toString(), "it cannot be read: " + e.getMessage(), "delete it"));
            }
        }
        return choices;
    }
}
