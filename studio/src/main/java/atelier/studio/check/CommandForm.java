package atelier.studio.check;

import atelier.cli.command.Command;
import atelier.cli.command.EvaluateCommand;
import atelier.cli.command.TrainCommand;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.Help;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a form for a command's settings is made of: the same as its {@code --help}. */
public final class CommandForm {
    private final ConfigFolder folder;
    private final Command command;
    private final Set<String> elsewhere;

    private CommandForm(Path root, Command command, Set<String> elsewhere) {
        this.folder = new ConfigFolder(root);
        this.command = command;
        this.elsewhere = elsewhere;
    }

    /**
     * The form of {@code train}.
     *
     * @param root the folder that holds {@code configs/}
     */
    public static CommandForm train(Path root) {
        return new CommandForm(root, new TrainCommand(), Changes.TRAIN.keySet());
    }

    /**
     * The form of {@code evaluate}.
     *
     * @param root the folder that holds {@code configs/}
     */
    public static CommandForm evaluate(Path root) {
        return new CommandForm(root, new EvaluateCommand(), Changes.EVALUATE.keySet());
    }

    /** All of it. */
    public record Description(List<Group> groups, List<Key> keys) {}

    /** A group, and what may be chosen in it. */
    public record Group(String name, List<Option> options) {}

    /**
     * An option of a group.
     *
     * @param summary what it is, in a line
     * @param chosen whether it is in effect
     * @param sets the keys that it sets, each with its value
     */
    public record Option(String name, String summary, boolean chosen, Map<String, String> sets) {}

    /**
     * A setting.
     *
     * @param section its first word
     * @param type in words: whole number, path, list of text
     * @param choices values that it may have; empty where it may have others
     * @param value what it has unless changed, as one would type it
     * @param auto whether the program chooses where it says auto
     * @param nullable whether it may be null
     */
    public record Key(
            String key,
            String section,
            String type,
            List<String> choices,
            String value,
            boolean auto,
            boolean nullable,
            String meaning) {}

    /**
     * The form, with values as options and changes make them.
     *
     * @param changes of the command's settings, such as {@code experiment=style}
     * @throws atelier.cli.config.ConfigurationException when they cannot be composed
     */
    public Description describe(List<String> changes) {
        Composition composition = new Composer(folder).compose(command.configuration(), changes);
        composition.check();
        List<Group> groups = new ArrayList<>();
        for (String name : composition.choices().keySet().stream().sorted().toList()) {
            List<String> chosen = composition.choices().getOrDefault(name, List.of());
            groups.add(new Group(
                    name,
                    folder.options(name).stream()
                            .map(option -> new Option(
                                    option,
                                    folder.summary(name, option),
                                    chosen.contains(option),
                                    folder.sets(name, option)))
                            .toList()));
        }
        List<Key> keys = Help.lines(composition, command.settings()).stream()
                .filter(line -> !elsewhere.contains(line.key()))
                .map(CommandForm::key)
                .toList();
        return new Description(groups, keys);
    }

    private static Key key(Help.Line line) {
        boolean nullable = line.type().endsWith(" or null");
        String type = nullable ? line.type().substring(0, line.type().length() - " or null".length()) : line.type();
        boolean auto = type.startsWith("auto | ");
        type = auto ? type.substring("auto | ".length()) : type;
        boolean choices = type.contains(" | ") && !type.contains("list of") && !type.contains("map from");
        int dot = line.key().indexOf('.');
        return new Key(
                line.key(),
                dot < 0 ? "" : line.key().substring(0, dot),
                type,
                choices ? Arrays.asList(type.split(" \\| ")) : List.of(),
                line.value(),
                auto,
                nullable,
                line.meaning());
    }
}
