package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Composes a command's settings: the files of its defaults list in order, then the command line's changes, and
 * substitutions last of all, so that {@code ${train.steps}} follows an override of train.steps.
 */
public final class Composer {
    private final ConfigFolder folder;

    public Composer(ConfigFolder folder) {
        this.folder = folder;
    }

    /**
     * Composes from {@code configs/NAME.conf}. What is wrong is kept and thrown by {@link Composition#bind}, together
     * with what the binding finds.
     *
     * @param words the command line's changes
     */
    public Composition compose(String name, List<String> words) {
        List<Problem> problems = new ArrayList<>();
        List<ConfigOverride> changes = parse(
                words, groups(folder.read("", name, "the command").content().root()), problems);
        List<ConfigOverride.Choose> choices = changes.stream()
                .filter(ConfigOverride.Choose.class::isInstance)
                .map(ConfigOverride.Choose.class::cast)
                .toList();
        Set<String> keys = changes.stream()
                .filter(ConfigOverride.Put.class::isInstance)
                .map(change -> ConfigUtil.joinPath(((ConfigOverride.Put) change).key()))
                .collect(Collectors.toSet());
        DefaultsList defaults = new DefaultsList(folder, choices, keys, problems).expand(name);
        Config merged = ConfigFactory.empty();
        Map<String, String> comments = new LinkedHashMap<>();
        for (ConfigFile file : defaults.files()) {
            merged = file.content().withFallback(merged);
            file.comments().forEach(comments::putIfAbsent);
        }
        Config resolved = change(merged, changes, problems);
        return new Composition(folder.places(), resolved, defaults.choices(), words, comments, problems);
    }

    /**
     * Composes from what an earlier run saved, and nothing else: not even a changed default gets in.
     *
     * @param saved a run's folder, or its resolved.conf
     * @param words further changes; groups can no longer be chosen
     */
    public Composition rerun(Path saved, List<String> words) {
        Path file = Files.isDirectory(saved) ? saved.resolve(SavedRun.RESOLVED) : saved;
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(new Problem(
                    "'--rerun " + saved + "'",
                    "'" + file + "' does not exist",
                    "name a run's folder or its " + SavedRun.RESOLVED));
        }
        List<Problem> problems = new ArrayList<>();
        Config content = RenamedKeys.brought(folder.parse(file));
        List<ConfigOverride> changes = parse(words, groups(content.root()), problems);
        for (ConfigOverride change : changes) {
            if (change instanceof ConfigOverride.Choose choice) {
                problems.add(new Problem(
                        "override '" + choice.text() + "'",
                        "--rerun starts from settings that are already composed; groups cannot be chosen any more",
                        "set single keys, or leave --rerun out"));
            }
        }
        Config resolved = change(content, changes, problems);
        return new Composition(folder.places(), resolved, SavedRun.choices(file), words, Map.of(), problems);
    }

    /**
     * Settings that were composed elsewhere: on another machine, in another process.
     *
     * @param text what {@link Composition#portable} gave
     * @param origin what messages call it
     */
    public Composition composed(String text, String origin) {
        Config content =
                ConfigFactory.parseString(text, ConfigParseOptions.defaults().setOriginDescription(origin));
        return new Composition(folder.places(), content, Map.of(), List.of(), Map.of(), List.of());
    }

    /** The groups, but for those whose name is a key of the command's own: generate's adapter is a file. */
    private Set<String> groups(ConfigObject own) {
        Set<String> groups = new TreeSet<>(folder.groups());
        groups.removeIf(group -> {
            ConfigValue value = own.get(group);
            return value != null && value.valueType() != ConfigValueType.OBJECT;
        });
        return groups;
    }

    private List<ConfigOverride> parse(List<String> words, Set<String> groups, List<Problem> problems) {
        List<ConfigOverride> changes = new ArrayList<>();
        for (String word : words) {
            try {
                changes.add(ConfigOverride.parse(word, groups));
            } catch (ConfigurationException e) {
                problems.addAll(e.problems());
            }
        }
        return changes;
    }

    private Config change(Config merged, List<ConfigOverride> changes, List<Problem> problems) {
        // Known keys are looked up in a resolved copy: an unresolved section cannot be looked into.
        KeyTree known = new KeyTree(resolve(merged, new ArrayList<>()).root(), folder.groups());
        Config over = ConfigFactory.empty();
        for (ConfigOverride change : changes) {
            if (change instanceof ConfigOverride.Put put) {
                if (known.accepts(put, problems)) {
                    over = put(over, put.key(), put.value());
                }
            } else if (change instanceof ConfigOverride.Add add) {
                if (known.lacks(add, problems)) {
                    over = put(over, add.key(), add.value());
                }
            } else if (change instanceof ConfigOverride.Delete delete && known.has(delete, problems)) {
                // Null rather than absent, so that a message about it can name the override.
                ConfigValue none = ConfigValueFactory.fromAnyRef(null).withOrigin(ValueOrigin.override(delete.text()));
                over = put(over, delete.key(), none);
            }
        }
        return resolve(over.withFallback(merged), problems);
    }

    private static Config put(Config over, List<String> key, ConfigValue value) {
        // Keys in braces change only what they name.
        return value instanceof ConfigObject object && !object.isEmpty()
                ? value.atPath(ConfigUtil.joinPath(key)).withFallback(over)
                : over.withValue(ConfigUtil.joinPath(key), value);
    }

    private Config resolve(Config config, List<Problem> problems) {
        try {
            return config.resolve();
        } catch (ConfigException e) {
            problems.add(folder.problem(e, "configs"));
            return config.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
        }
    }
}
