package atelier.cli.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command's words, sorted: options start with {@code --}, everything else changes the configuration.
 *
 * @param help {@code --help}: list the keys and stop
 * @param cfg {@code --cfg}: print what was composed and stop
 * @param multirun {@code --multirun}: a comma-separated value is a sweep
 * @param debug {@code --debug}: show the stack trace of an error
 * @param rerun {@code --rerun FILE}: a run's folder or its resolved.conf, to start from instead of {@code configs/}
 * @param changes the words {@code key=value}, {@code group=option}, {@code +key=value}, {@code ~key}
 */
public record Arguments(
        boolean help,
        boolean cfg,
        boolean multirun,
        boolean debug,
        @Nullable Path rerun,
        List<String> changes) {
    private static final List<String> OPTIONS = List.of("--help", "--cfg", "--multirun", "--debug", "--rerun");

    /**
     * Sorts the words.
     *
     * @throws ConfigurationException naming every option that does not exist
     */
    public static Arguments of(List<String> words) {
        boolean help = false;
        boolean cfg = false;
        boolean multirun = false;
        boolean debug = false;
        Path rerun = null;
        List<String> changes = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--rerun") && i + 1 < words.size()) {
                rerun = Path.of(words.get(++i));
            } else if (word.startsWith("--rerun=") && word.length() > "--rerun=".length()) {
                rerun = Path.of(word.substring("--rerun=".length()));
            } else if (word.equals("--rerun") || word.equals("--rerun=")) {
                problems.add(new Problem("'--rerun'", "names no file", "write --rerun checkpoints/NAME/resolved.conf"));
            } else if (word.equals("--help") || word.equals("-h")) {
                help = true;
            } else if (word.equals("--cfg")) {
                cfg = true;
            } else if (word.equals("--multirun") || word.equals("-m")) {
                multirun = true;
            } else if (word.equals("--debug")) {
                debug = true;
            } else if (word.startsWith("-")) {
                problems.add(new Problem("'" + word + "'", "is no option", remedy(word)));
            } else {
                changes.add(word);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Arguments(help, cfg, multirun, debug, rerun, List.copyOf(changes));
    }

    /** Whether a word is one of the options that every command has. */
    public static boolean isOption(String word) {
        return word.equals("-h") || word.equals("-m") || OPTIONS.contains(word);
    }

    private static String remedy(String word) {
        int equals = word.indexOf('=');
        if (equals > 0) {
            return "keys take no dashes: " + word.replaceFirst("^-+", "").replaceFirst("-(?=[^=]*=)", "_");
        }
        return NearestNames.question(word, OPTIONS, "options: " + String.join(", ", OPTIONS) + "; keys are key=value");
    }
}
