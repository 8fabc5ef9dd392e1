package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One file of the configuration: its keys, and its defaults list, which names the files that it builds on.
 *
 * @param group the group that it is an option of; empty for a command's own file
 * @param content the keys, without {@code defaults} and unresolved
 * @param defaults what to compose, in order; later wins
 */
record ConfigFile(String group, Config content, List<Entry> defaults) {
    private static final String OVERRIDE = "override ";
    private static final String GIVEN = "given ";

    /** One entry of a defaults list. */
    sealed interface Entry {}

    /** {@code _self_}: this file's own keys take effect here. */
    record Self() implements Entry {}

    /** A bare name: another file of the same folder. */
    record Sibling(String name, ConfigOrigin origin) implements Entry {}

    /** {@code {data: demo}}, or {@code {override data: demo}}, which changes what another file picks. */
    record Pick(String group, List<String> options, boolean override, ConfigOrigin origin) implements Entry {}

    /**
     * {@code {"given data.pairs": {data: folder}}}: where the command line sets the key, these options take the place of
     * those that {@code {data: demo}} picks.
     */
    record Given(String key, Map<String, String> options) implements Entry {}

    /**
     * Takes the defaults list out of what was parsed.
     *
     * @throws ConfigurationException if an entry is of none of the three forms
     */
    static ConfigFile of(String group, Config parsed, ValueOrigin places) {
        ConfigValue list = parsed.root().get("defaults");
        List<Entry> entries = new ArrayList<>();
        if (list instanceof ConfigList values) {
            values.forEach(value -> entries.addAll(entry(value, places)));
        } else if (list != null) {
            throw new ConfigurationException(new Problem(
                    places.of(list.origin()), "defaults is not a list", "write defaults = [ {data: demo}, _self_ ]"));
        }
        // Without _self_ a file wins over what it builds on.
        if (entries.stream().noneMatch(Self.class::isInstance)) {
            entries.add(new Self());
        }
        return new ConfigFile(group, parsed.withoutPath("defaults"), entries);
    }

    private static List<Entry> entry(ConfigValue value, ValueOrigin places) {
        if (value.valueType() == ConfigValueType.STRING) {
            String name = (String) value.unwrapped();
            return List.of(name.equals("_self_") ? new Self() : new Sibling(name, value.origin()));
        }
        if (value instanceof ConfigObject object) {
            List<Entry> picks = new ArrayList<>();
            object.forEach((key, option) ->
                    picks.add(key.startsWith(GIVEN) ? given(key, option, places) : pick(key, option, places)));
            return picks;
        }
        throw new ConfigurationException(new Problem(
                places.of(value.origin()),
                "defaults holds " + value.render(),
                "an entry is {group: option}, a file's name or _self_"));
    }

    private static Given given(String key, ConfigValue options, ValueOrigin places) {
        if (!(options instanceof ConfigObject object)) {
            throw new ConfigurationException(new Problem(
                    places.of(options.origin()),
                    "'" + key + "' is " + ScalarReader.describe(options),
                    "write {\"" + key + "\": {group: option}}"));
        }
        Map<String, String> picks = new LinkedHashMap<>();
        object.forEach((group, option) -> picks.put(group, String.valueOf(option.unwrapped())));
        return new Given(key.substring(GIVEN.length()).strip(), picks);
    }

    private static Pick pick(String key, ConfigValue option, ValueOrigin places) {
        boolean override = key.startsWith(OVERRIDE);
        String name = override ? key.substring(OVERRIDE.length()).strip() : key;
        String group = name.startsWith("/") ? name.substring(1) : name;
        List<String> options = new ArrayList<>();
        if (option instanceof ConfigList several) {
            several.forEach(each -> options.add(String.valueOf(each.unwrapped())));
        } else if (option.valueType() == ConfigValueType.OBJECT) {
            throw new ConfigurationException(new Problem(
                    places.of(option.origin()), "the option of " + group + " is a section", "write {group: option}"));
        } else if (option.valueType() != ConfigValueType.NULL) {
            options.add(String.valueOf(option.unwrapped()));
        }
        return new Pick(group, options, override, option.origin());
    }

    /** The comment that stands above each key of this file, in the file's words. */
    Map<String, String> comments() {
        Map<String, String> comments = new LinkedHashMap<>();
        gather("", content.root(), comments);
        return comments;
    }

    private static void gather(String prefix, ConfigObject object, Map<String, String> into) {
        object.forEach((key, value) -> {
            String path = prefix.isEmpty() ? ConfigUtil.joinPath(key) : prefix + "." + ConfigUtil.joinPath(key);
            String comment = String.join(
                    " ", value.origin().comments().stream().map(String::strip).toList());
            if (!comment.isEmpty()) {
                into.put(path, comment);
            }
            if (value instanceof ConfigObject section) {
                gather(path, section, into);
            }
        });
    }
}
