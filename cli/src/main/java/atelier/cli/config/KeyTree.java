package atelier.cli.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The keys that a composed configuration holds, against which the command line's changes are checked. */
final class KeyTree {
    private final ConfigObject root;
    private final Set<String> groups;

    /**
     * @param groups the groups' names, which a mistyped word may have been meant to be
     */
    KeyTree(ConfigObject root, Set<String> groups) {
        this.root = root;
        this.groups = groups;
    }

    KeyTree(ConfigObject root) {
        this(root, Set.of());
    }

    /** Every key with a value, by its whole name; an empty section counts as one. */
    Map<String, ConfigValue> leaves() {
        Map<String, ConfigValue> leaves = new LinkedHashMap<>();
        gather("", root, leaves);
        return leaves;
    }

    private static void gather(String prefix, ConfigObject object, Map<String, ConfigValue> into) {
        object.forEach((key, value) -> {
            String path = prefix.isEmpty() ? ConfigUtil.joinPath(key) : prefix + "." + ConfigUtil.joinPath(key);
            if (value instanceof ConfigObject section && !section.isEmpty()) {
                gather(path, section, into);
            } else {
                into.put(path, value);
            }
        });
    }

    private @Nullable ConfigValue find(List<String> key) {
        ConfigValue value = root;
        for (String word : key) {
            value = value instanceof ConfigObject section ? section.get(word) : null;
            if (value == null) {
                return null;
            }
        }
        return value;
    }

    /** Whether {@code key=value} names a key that is there; a section takes only {@code {..}}. */
    boolean accepts(ConfigOverride.Put put, List<Problem> problems) {
        ConfigValue old = find(put.key());
        if (old == null) {
            problems.add(unknown(put.text(), put.key()));
            return false;
        }
        if (old instanceof ConfigObject section && !section.isEmpty()) {
            if (!(put.value() instanceof ConfigObject)) {
                String name = ConfigUtil.joinPath(put.key());
                Set<String> keys = new KeyTree(section).leaves().keySet();
                problems.add(new Problem(
                        "override '" + put.text() + "'",
                        name + " is a section, not a key",
                        "set one of its keys: "
                                + String.join(
                                        ", ",
                                        keys.stream()
                                                .limit(4)
                                                .map(key -> name + "." + key)
                                                .toList())));
                return false;
            }
            boolean known = true;
            for (String key : new KeyTree((ConfigObject) put.value()).leaves().keySet()) {
                List<String> whole = new ArrayList<>(put.key());
                whole.addAll(ConfigUtil.splitPath(key));
                if (find(whole) == null) {
                    problems.add(unknown(put.text(), whole));
                    known = false;
                }
            }
            return known;
        }
        return true;
    }

    /** Whether {@code +key=value} names a key that is not there yet. */
    boolean lacks(ConfigOverride.Add add, List<Problem> problems) {
        if (find(add.key()) == null) {
            return true;
        }
        problems.add(new Problem(
                "override '" + add.text() + "'",
                ConfigUtil.joinPath(add.key()) + " is there already",
                "drop the +: " + add.text().substring(1)));
        return false;
    }

    /** Whether {@code ~key} names a key that is there. */
    boolean has(ConfigOverride.Delete delete, List<Problem> problems) {
        if (find(delete.key()) != null) {
            return true;
        }
        problems.add(unknown(delete.text(), delete.key()));
        return false;
    }

    private Problem unknown(String text, List<String> key) {
        String name = ConfigUtil.joinPath(key);
        String now = RenamedKeys.now(name);
        String elsewhere = ForeignNames.ours(name);
        Set<String> names = new TreeSet<>(leaves().keySet());
        names.addAll(groups);
        return new Problem(
                "override '" + text + "'",
                "there is no key '" + name + "'",
                now != null && names.contains(now)
                        ? "it is called " + now + " now"
                        : elsewhere != null && names.contains(elsewhere)
                                ? "here it is called " + elsewhere
                                : NearestNames.question(name, names, "--help lists the keys"));
    }
}
