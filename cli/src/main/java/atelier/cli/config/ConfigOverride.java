package atelier.cli.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Set;

/** One word of the command line that changes what is composed. */
sealed interface ConfigOverride {
    /** The word as it was typed. */
    String text();

    /** {@code key=value}: the key must be there already. */
    record Put(String text, List<String> key, ConfigValue value) implements ConfigOverride {}

    /** {@code +key=value}: the key must not be there yet. */
    record Add(String text, List<String> key, ConfigValue value) implements ConfigOverride {}

    /** {@code ~key}. */
    record Delete(String text, List<String> key) implements ConfigOverride {}

    /**
     * {@code group=option}, {@code group=[one,two]}, {@code group=null}; {@code +group=option} where the defaults do not
     * name the group; {@code ~group}.
     */
    record Choose(String text, String group, List<String> options, boolean added) implements ConfigOverride {}

    /**
     * Reads one word.
     *
     * @param groups the groups that exist: {@code data=demo} picks an option, {@code device=cpu} sets a key
     * @throws ConfigurationException if it is not of these forms
     */
    static ConfigOverride parse(String word, Set<String> groups) {
        boolean add = word.startsWith("+");
        boolean delete = word.startsWith("~");
        String body = add || delete ? word.substring(1) : word;
        int equals = body.indexOf('=');
        String name = (equals < 0 ? body : body.substring(0, equals)).strip();
        if (delete) {
            return groups.contains(name)
                    ? new Choose(word, name, List.of(), false)
                    : new Delete(word, path(word, name));
        }
        if (equals < 0) {
            throw new ConfigurationException(
                    new Problem("'" + word + "'", "is neither an option nor key=value", "write key=value, or ~key"));
        }
        ConfigValue value;
        try {
            value = Literal.parse(body.substring(equals + 1), ValueOrigin.override(word));
        } catch (ConfigException e) {
            throw new ConfigurationException(
                    new Problem("override '" + word + "'", "its value cannot be read", "quote it: key='\"text\"'"));
        }
        if (groups.contains(name)) {
            return new Choose(word, name, options(value), add);
        }
        List<String> path = path(word, name);
        return add ? new Add(word, path, value) : new Put(word, path, value);
    }

    private static List<String> options(ConfigValue value) {
        if (value.valueType() == ConfigValueType.NULL) {
            return List.of();
        }
        return value instanceof List<?> list
                ? list.stream().map(each -> text((ConfigValue) each)).toList()
                : List.of(text(value));
    }

    private static String text(ConfigValue value) {
        return String.valueOf(value.unwrapped());
    }

    private static List<String> path(String word, String name) {
        try {
            return RenamedKeys.spelled(ConfigUtil.splitPath(name));
        } catch (ConfigException e) {
            throw new ConfigurationException(new Problem(
                    "override '" + word + "'", "'" + name + "' is not a key", "write words with dots: adapter.rank=8"));
        }
    }
}
