package atelier.cli;

import atelier.cli.command.ExitStatus;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** Runs the words of a command line in this process, with the commands of this module. */
public final class ClusterWords {
    private ClusterWords() {}

    /** @param to where results, progress and messages go */
    public static ExitStatus run(Path root, List<String> words, PrintStream to) {
        return new Atelier(root, Commands.all(), to, to, false).run(words);
    }
}
