package atelier.cli.reference;

import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.Help;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * {@code docs/reference.md}: what {@link Help} knows of every command, as one page. A section of keys that several commands
 * have with the same defaults is described once, and each of them links to it.
 */
public final class Reference {
    private static final String HEAD = "| key | type | default | meaning |\n|---|---|---|---|\n";
    /** The option that the others of a group build on. */
    private static final String BASE = "base";

    private final ConfigFolder folder;
    private final List<Page> pages;
    private final List<Section> shared;

    /** One command with its settings as they are by default. */
    public record Page(String command, String summary, Composition composition, Class<? extends Record> settings) {}

    /** Keys that begin alike: {@code optimizer}, with those of {@code optimizer.adafactor}; the empty name is for bare keys. */
    private record Section(String name, List<Help.Line> lines) {}

    private Reference(ConfigFolder folder, List<Page> pages) {
        this.folder = folder;
        this.pages = pages;
        this.shared = pages.stream()
                .flatMap(page -> sections(page).stream())
                .filter(section ->
                        !section.name().isEmpty() && commands(section).size() > 1)
                .distinct()
                .toList();
    }

    /** The page as Markdown. */
    public static String markdown(ConfigFolder folder, List<Page> pages) {
        return new Reference(folder, pages).write();
    }

    private static List<Section> sections(Page page) {
        Map<String, List<Help.Line>> sections = new LinkedHashMap<>();
        for (Help.Line line : Help.lines(page.composition(), page.settings())) {
            int dot = line.key().indexOf('.');
            sections.computeIfAbsent(dot < 0 ? "" : line.key().substring(0, dot), name -> new ArrayList<>())
                    .add(line);
        }
        return sections.entrySet().stream()
                .map(entry -> new Section(entry.getKey(), List.copyOf(entry.getValue())))
                .toList();
    }

    private List<String> commands(Section section) {
        return pages.stream()
                .filter(page -> sections(page).contains(section))
                .map(Page::command)
                .toList();
    }

    private String write() {
        StringBuilder out = new StringBuilder("""
                # Reference
                Every command with its settings. This page is generated from the settings and the comments in `configs/`; do \
                not edit it by hand ([CONTRIBUTING.md](../CONTRIBUTING.md#the-reference) says how it is written). \
                `scripts/atelier COMMAND --help` shows the same.

                `key=value` sets a key, `group=option` picks a file of `configs/group/`, `+key=value` adds an entry to a map, \
                `~key` sets a key to null. Lists are written `[a, b]`; texts with spaces or brackets need quotes for the shell.

                | command | |
                |---|---|
                """);
        for (Page page : pages) {
            row(out, link(page.command(), page.command()), page.summary());
        }
        row(out, "[settings of several commands](#settings-of-several-commands)", names(shared));
        row(out, "[options of groups](#options-of-groups)", String.join(", ", optional()));
        pages.forEach(page -> command(out, page));
        out.append("\n## Settings of several commands\n");
        for (Section section : shared) {
            out.append("\n### ").append(section.name()).append('\n');
            out.append("Of ")
                    .append(commands(section).stream()
                            .map(command -> "`" + command + "`")
                            .collect(Collectors.joining(", ")))
                    .append(".\n\n");
            table(out, section.lines());
        }
        out.append("\n## Options of groups\n");
        optional().forEach(group -> options(out, group));
        return out.toString();
    }

    private static String names(List<Section> sections) {
        return sections.stream().map(Section::name).collect(Collectors.joining(", "));
    }

    private void command(StringBuilder out, Page page) {
        out.append("\n## ").append(page.command()).append('\n');
        out.append(sentence(page.summary())).append('\n');
        List<String> links = new ArrayList<>();
        List<Section> own = new ArrayList<>();
        for (Section section : sections(page)) {
            if (shared.contains(section)) {
                links.add(link(section.name(), section.name()));
            } else {
                own.add(section);
                if (!section.name().isEmpty()) {
                    links.add(link(section.name(), page.command() + " " + section.name()));
                }
            }
        }
        if (!links.isEmpty()) {
            out.append("\nSections: ").append(String.join(", ", links)).append(".\n");
        }
        for (Section section : own) {
            out.append('\n');
            if (!section.name().isEmpty()) {
                out.append("### ")
                        .append(page.command())
                        .append(": ")
                        .append(section.name())
                        .append("\n\n");
            }
            table(out, section.lines());
        }
    }

    /** Keys of a section within the section follow under a heading of their own. */
    private static void table(StringBuilder out, List<Help.Line> lines) {
        String before = parent(lines.get(0));
        out.append(HEAD);
        for (Help.Line line : lines) {
            if (!parent(line).equals(before)) {
                before = parent(line);
                out.append("\n#### ").append(before).append("\n\n").append(HEAD);
            }
            out.append("| `").append(line.key()).append("` | ");
            out.append(escaped(line.type().replace(" | ", ", "))).append(" | `");
            out.append(escaped(line.value())).append("` | ");
            out.append(escaped(line.meaning())).append(" |\n");
        }
    }

    private static String parent(Help.Line line) {
        int dot = line.key().lastIndexOf('.');
        return dot < 0 ? "" : line.key().substring(0, dot);
    }

    /** The groups with a choice. */
    private List<String> optional() {
        TreeSet<String> chosen = new TreeSet<>();
        pages.forEach(page -> chosen.addAll(page.composition().choices().keySet()));
        return chosen.stream()
                .filter(group -> folder.options(group).stream().anyMatch(option -> !option.equals(BASE)))
                .toList();
    }

    private void options(StringBuilder out, String group) {
        out.append("\n### Options: ").append(group).append("\n\n| option | | sets |\n|---|---|---|\n");
        for (String option : folder.options(group)) {
            if (option.equals(BASE)) {
                continue;
            }
            String sets = folder.sets(group, option).entrySet().stream()
                    .map(entry -> "`" + entry.getKey() + "=" + escaped(entry.getValue()) + "`")
                    .collect(Collectors.joining(" "));
            out.append("| `").append(option).append("` | ");
            out.append(escaped(folder.summary(group, option)))
                    .append(" | ")
                    .append(sets)
                    .append(" |\n");
        }
    }

    private static void row(StringBuilder out, String left, String right) {
        out.append("| ").append(left).append(" | ").append(escaped(right)).append(" |\n");
    }

    /** A link to a heading, whose anchor has no punctuation. */
    private static String link(String text, String heading) {
        return "[" + text + "](#" + heading.replace(' ', '-') + ")";
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }
}
