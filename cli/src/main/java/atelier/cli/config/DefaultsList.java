package atelier.cli.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows the defaults lists from a command's own file and puts the files that they name in order, later winning. A
 * choice on the command line wins over {@code {override group: option}} in a file, and that over {@code {group: option}}.
 */
final class DefaultsList {
    /** An override may bring a file with another override; more rounds than this never settle. */
    private static final int ROUNDS = 16;

    private final ConfigFolder folder;
    private final Map<String, ConfigOverride.Choose> asked = new LinkedHashMap<>();
    private final Set<String> keys;
    private final List<Problem> problems;

    private Map<String, ConfigFile.Pick> overrides = new LinkedHashMap<>();
    private Map<String, ConfigFile.Pick> found = new LinkedHashMap<>();
    private final List<ConfigFile> files = new ArrayList<>();
    private final Map<String, List<String>> choices = new LinkedHashMap<>();
    private final Map<String, String> given = new LinkedHashMap<>();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * @param asked the command line's choices; the last of a group counts
     * @param keys that the command line sets
     * @param problems where what is wrong is gathered
     */
    DefaultsList(ConfigFolder folder, List<ConfigOverride.Choose> asked, Set<String> keys, List<Problem> problems) {
        this.folder = folder;
        this.keys = keys;
        asked.forEach(choice -> this.asked.put(choice.group(), choice));
        this.problems = problems;
    }

    /** The files in the order in which they take effect. */
    List<ConfigFile> files() {
        return files;
    }

    /** Which options each group that was named has in effect. */
    Map<String, List<String>> choices() {
        return choices;
    }

    /** Composes from {@code configs/NAME.conf}. */
    DefaultsList expand(String name) {
        int before = problems.size();
        for (int round = 0; round < ROUNDS; round++) {
            problems.subList(before, problems.size()).clear();
            files.clear();
            choices.clear();
            given.clear();
            found = new LinkedHashMap<>();
            visit("", name, "configs");
            addAsked(name);
            if (found.keySet().equals(overrides.keySet())
                    && found.entrySet().stream().allMatch(this::isInEffect)) {
                break;
            }
            overrides = found;
        }
        overrides.forEach((group, pick) -> {
            if (!choices.containsKey(group)) {
                problems.add(new Problem(
                        folder.places().of(pick.origin()),
                        "overrides '" + group + "', which no defaults list picks",
                        unknownGroup(group, "write {" + group + ": " + String.join(", ", pick.options()) + "}")));
            }
        });
        return this;
    }

    private boolean isInEffect(Map.Entry<String, ConfigFile.Pick> entry) {
        ConfigFile.Pick known = overrides.get(entry.getKey());
        return known != null && known.options().equals(entry.getValue().options());
    }

    private void addAsked(String name) {
        asked.forEach((group, choice) -> {
            if (choices.containsKey(group)) {
                if (choice.added()) {
                    problems.add(new Problem(
                            "override '" + choice.text() + "'",
                            "the defaults already pick " + group,
                            "drop the +: " + choice.text().substring(1)));
                }
            } else if (choice.added()) {
                choose(group, choice.options(), "override '" + choice.text() + "'");
            } else {
                problems.add(new Problem(
                        "override '" + choice.text() + "'",
                        "configs/" + name + ".conf does not pick the group " + group,
                        "write +" + choice.text() + " to add it"));
            }
        });
    }

    private void visit(String group, String option, String place) {
        String id = group + "/" + option;
        if (open.contains(id)) {
            problems.add(new Problem(place, "'" + option + "' builds on itself", "break the circle of defaults"));
            return;
        }
        ConfigFile file;
        try {
            file = folder.read(group, option, place);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
            return;
        }
        open.push(id);
        for (ConfigFile.Entry entry : file.defaults()) {
            if (entry instanceof ConfigFile.Given each && keys.contains(each.key())) {
                given.putAll(each.options());
            }
        }
        for (ConfigFile.Entry entry : file.defaults()) {
            if (entry instanceof ConfigFile.Self) {
                files.add(file);
            } else if (entry instanceof ConfigFile.Sibling sibling) {
                visit(group, sibling.name(), folder.places().of(sibling.origin()));
            } else if (entry instanceof ConfigFile.Pick pick) {
                pick(pick);
            }
        }
        open.pop();
    }

    private void pick(ConfigFile.Pick pick) {
        String place = folder.places().of(pick.origin());
        if (!folder.groups().contains(pick.group())) {
            problems.add(new Problem(
                    place,
                    "there is no group '" + pick.group() + "'",
                    unknownGroup(pick.group(), "make the folder configs/" + pick.group())));
        } else if (pick.override()) {
            found.put(pick.group(), pick);
        } else if (choices.containsKey(pick.group())) {
            problems.add(new Problem(
                    place,
                    "the group " + pick.group() + " is picked a second time",
                    "write {override " + pick.group() + ": " + String.join(", ", pick.options()) + "}"));
        } else {
            ConfigOverride.Choose choice = asked.get(pick.group());
            ConfigFile.Pick override = overrides.get(pick.group());
            if (choice != null) {
                choose(pick.group(), choice.options(), "override '" + choice.text() + "'");
            } else if (override != null) {
                choose(pick.group(), override.options(), folder.places().of(override.origin()));
            } else {
                String own = given.get(pick.group());
                choose(pick.group(), own == null ? pick.options() : List.of(own), place);
            }
        }
    }

    private void choose(String group, List<String> options, String place) {
        choices.put(group, List.copyOf(options));
        options.forEach(option -> visit(group, option, place));
    }

    private String unknownGroup(String group, String otherwise) {
        return folder.groups().contains(group) ? otherwise : NearestNames.question(group, folder.groups(), otherwise);
    }
}
