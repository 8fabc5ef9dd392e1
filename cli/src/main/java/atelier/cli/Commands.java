package atelier.cli;

import atelier.cli.command.Command;
import atelier.cli.command.DatasetCheckCommand;
import atelier.cli.command.DatasetHashCommand;
import atelier.cli.command.DatasetStatsCommand;
import atelier.cli.command.DoctorCommand;
import atelier.cli.command.EvaluateCommand;
import atelier.cli.command.ExportCommand;
import atelier.cli.command.GenerateCommand;
import atelier.cli.command.ImportCommand;
import atelier.cli.command.InspectCommand;
import atelier.cli.command.OptOutBuildCommand;
import atelier.cli.command.OptOutCheckCommand;
import atelier.cli.command.TrainCommand;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.NearestNames;
import atelier.cli.config.Problem;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * The commands that there are, in the order in which help shows them. Those of modules above this one, such as the
 * studio, are found as services.
 */
public final class Commands {
    private static final List<Command> OWN = List.of(
            new TrainCommand(),
            new GenerateCommand(),
            new EvaluateCommand(),
            new ExportCommand(),
            new DatasetCheckCommand(),
            new DatasetStatsCommand(),
            new DatasetHashCommand(),
            new OptOutCheckCommand(),
            new OptOutBuildCommand(),
            new InspectCommand(),
            new ImportCommand(),
            new DoctorCommand());

    private Commands() {}

    /** All commands. */
    public static List<Command> all() {
        return Stream.concat(
                        OWN.stream(), ServiceLoader.load(Command.class).stream().map(ServiceLoader.Provider::get))
                .toList();
    }

    /**
     * The commands among which these words are looked for. To look for services opens every file of the class path: it is
     * left out where a command of this module is named.
     */
    static List<Command> among(List<String> words) {
        return named(OWN, words).isPresent() ? OWN : all();
    }

    /** A command and the words after its name. */
    record Called(Command command, List<String> words) {}

    /**
     * Finds the command that the first word, or the first two, name.
     *
     * @throws ConfigurationException if there is none
     */
    static Called find(List<Command> commands, List<String> words) {
        return named(commands, words).orElseThrow(() -> unknown(commands, words));
    }

    private static Optional<Called> named(List<Command> commands, List<String> words) {
        for (int length = Math.min(2, words.size()); length > 0; length--) {
            String name = String.join(" ", words.subList(0, length));
            for (Command command : commands) {
                if (command.name().equals(name)) {
                    return Optional.of(new Called(command, words.subList(length, words.size())));
                }
            }
        }
        return Optional.empty();
    }

    private static ConfigurationException unknown(List<Command> commands, List<String> words) {
        String first = words.get(0);
        List<String> names = commands.stream().map(Command::name).toList();
        List<String> parts =
                names.stream().filter(name -> name.startsWith(first + " ")).toList();
        if (!parts.isEmpty()) {
            return new ConfigurationException(
                    new Problem("'" + first + "'", "needs a second word", "write one of: " + String.join(", ", parts)));
        }
        return new ConfigurationException(new Problem(
                "'" + first + "'",
                "is no command",
                NearestNames.question(first, names, "commands: " + String.join(", ", names))));
    }
}
