package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A command's settings, composed: what each key's value is, where it stands, and what was wrong on the way. */
public final class Composition {
    private final ValueOrigin places;
    private final Config resolved;
    private final Map<String, List<String>> choices;
    private final List<String> overrides;
    private final Map<String, String> comments;
    private final List<Problem> problems;

    Composition(
            ValueOrigin places,
            Config resolved,
            Map<String, List<String>> choices,
            List<String> overrides,
            Map<String, String> comments,
            List<Problem> problems) {
        this.places = places;
        this.resolved = resolved;
        this.choices = new LinkedHashMap<>(choices);
        this.overrides = List.copyOf(overrides);
        this.comments = new LinkedHashMap<>(comments);
        this.problems = List.copyOf(problems);
    }

    /**
     * Makes the settings record; see {@link Binder} for how keys and components meet.
     *
     * @throws ConfigurationException with every problem of composing and binding
     */
    public <T extends Record> T bind(Class<T> type) {
        Binder binder = new Binder(places, resolved.root());
        T settings = binder.bind(type);
        List<Problem> all = new ArrayList<>(problems);
        all.addAll(binder.problems());
        if (settings == null || !all.isEmpty()) {
            throw new ConfigurationException(all);
        }
        return settings;
    }

    /** The same settings with a value in the place of one key's; what the command line typed stays. */
    public Composition with(String key, Object value, String reason) {
        Config changed = resolved.withValue(key, ConfigValueFactory.fromAnyRef(value, reason));
        return new Composition(places, changed, choices, overrides, comments, problems);
    }

    /** The same settings without some groups of keys, for a command that has none of that name. */
    public Composition without(Set<String> groups) {
        Config fewer = resolved;
        Map<String, List<String>> others = new LinkedHashMap<>(choices);
        for (String group : groups) {
            fewer = fewer.withoutPath(group);
            others.remove(group);
        }
        Pattern words = Pattern.compile("[+~]?(" + String.join("|", groups) + ")([.=].*)?");
        List<String> typed = overrides.stream()
                .filter(word -> !words.matcher(word).matches())
                .toList();
        return new Composition(places, fewer, others, typed, comments, problems);
    }

    /** Whether the program is to choose a key's value. */
    public boolean isAuto(String key) {
        ConfigValue value = values().get(key);
        return value != null && SettingKey.isAuto(key, value);
    }

    /** Whether a key is there and null. */
    public boolean isNull(String key) {
        ConfigValue value = values().get(key);
        return value != null && value.valueType() == ConfigValueType.NULL;
    }

    /**
     * Throws what composing found wrong.
     *
     * @throws ConfigurationException if anything was
     */
    public void check() {
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** The options in effect, by group. */
    public Map<String, List<String>> choices() {
        return Map.copyOf(choices);
    }

    /** The command line's changes, as typed. */
    public List<String> overrides() {
        return overrides;
    }

    /** The comment that stands above each key in {@code configs/}; the first file in the order of composition counts. */
    Map<String, String> comments() {
        return comments;
    }

    /** Every key's value, by whole name. */
    Map<String, ConfigValue> values() {
        return new KeyTree(resolved.root()).leaves();
    }

    /** The settings as HOCON. */
    public String render() {
        return SavedRun.render(resolved.root());
    }

    /** Every key with its value as plain text, for tables and metadata. */
    public Map<String, String> flat() {
        Map<String, String> flat = new LinkedHashMap<>();
        values().forEach((key, value) -> flat.put(key, Help.plain(value)));
        return flat;
    }

    /**
     * Writes resolved.conf, choices.conf and overrides.conf, each whole or not at all. Paths that came by the command
     * line are written so that they mean the same from any folder.
     *
     * @param settings the record that was bound, which says which keys are paths
     */
    public void save(Path folder, Class<? extends Record> settings) throws IOException {
        SavedRun.write(folder, portableRoot(settings), choices, overrides);
    }

    /** The settings as HOCON that means the same from any folder: what {@link #save} writes into resolved.conf. */
    public String portable(Class<? extends Record> settings) {
        return SavedRun.render(portableRoot(settings));
    }

    private ConfigObject portableRoot(Class<? extends Record> settings) {
        Config portable = resolved;
        Map<String, ConfigValue> values = values();
        for (SettingKey key : SettingKey.of(settings)) {
            ConfigValue value = values.get(key.name());
            if (value != null && key.isPath()) {
                portable = portable.withValue(key.name(), key.portable(value, places));
            }
        }
        return portable.root();
    }

    /** The keys that the command line set, with their values: numbers, truths, or text. */
    public Map<String, Object> overridden() {
        Map<String, Object> overridden = new LinkedHashMap<>();
        values().forEach((key, value) -> {
            if (ValueOrigin.isOverride(value.origin())) {
                boolean plain =
                        value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.BOOLEAN;
                overridden.put(key, plain ? value.unwrapped() : Help.plain(value));
            }
        });
        return overridden;
    }

    /** The paths that came by the command line, by key. */
    public Map<String, List<Path>> overriddenPaths(Class<? extends Record> settings) {
        Map<String, List<Path>> paths = new LinkedHashMap<>();
        Map<String, ConfigValue> values = values();
        for (SettingKey key : SettingKey.of(settings)) {
            ConfigValue value = values.get(key.name());
            if (key.isPath() && value != null && ValueOrigin.isOverride(value.origin())) {
                List<?> each = value instanceof ConfigList list ? list : List.of(value);
                paths.put(
                        key.name(),
                        each.stream()
                                .map(one -> (ConfigValue) one)
                                .filter(one -> one.valueType() == ConfigValueType.STRING)
                                .map(one -> places.path((String) one.unwrapped(), one.origin()))
                                .toList());
            }
        }
        return paths;
    }

    /**
     * The path that a key holds, for whoever reads an earlier run's settings without binding them all.
     *
     * @throws ConfigurationException if the key is not there, or no path
     */
    public Path path(String key) {
        ConfigValue value = values().get(key);
        if (value == null || value.valueType() != ConfigValueType.STRING) {
            throw new ConfigurationException(
                    new Problem(places.of(resolved.root().origin()), key + " is not a path", "say it in the file"));
        }
        return places.path((String) value.unwrapped(), value.origin());
    }

    /** The value of one key as plain text; empty where the key is not there. */
    public String text(String key) {
        ConfigValue value = values().get(ConfigUtil.joinPath(ConfigUtil.splitPath(key)));
        return value == null ? "" : Help.plain(value);
    }
}
