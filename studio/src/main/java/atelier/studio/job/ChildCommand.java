package atelier.studio.job;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How this program is started once more: the same Java, class path and options, as the launcher chose them.
 *
 * @param words up to the command's name
 */
public record ChildCommand(List<String> words) {
    /** Makes a process the leader of a session of its own, which no Ctrl+C in this one's terminal reaches. */
    public static final String OWN_SESSION = "-Datelier.session=own";

    public ChildCommand {
        words = List.copyOf(words);
    }

    /** Of the process that this is. */
    public static ChildCommand ofThisProcess() {
        List<String> words = new ArrayList<>();
        words.add(ProcessHandle.current()
                .info()
                .command()
                .orElseGet(() ->
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // The child has no terminal; debuggers and agents are this process's own.
            boolean own = option.startsWith("-Datelier.terminal")
                    || option.startsWith("-agentlib")
                    || option.startsWith("-javaagent")
                    || option.startsWith("-XX:ArchiveClassesAtExit");
            if (!own) {
                words.add(option);
            }
        }
        words.add(OWN_SESSION);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "atelier.cli.Atelier"));
        return new ChildCommand(words);
    }

    /** All words of a command line. */
    List<String> with(String command, List<String> changes) {
        List<String> all = new ArrayList<>(words);
        all.add(command);
        all.addAll(changes);
        return all;
    }

    /** As a person would type it, words quoted where a shell needs it. */
    public static String typed(String command, List<String> changes) {
        StringBuilder line = new StringBuilder("scripts/atelier ").append(command);
        for (String change : changes) {
            boolean plain = change.matches("[\\p{L}\\p{N}_=./:,@%+~-]+") && !change.startsWith("~");
            line.append(' ').append(plain ? change : "'" + change.replace("'", "'\\''") + "'");
        }
        return line.toString();
    }
}
