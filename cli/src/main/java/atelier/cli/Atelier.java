package atelier.cli;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.cli.config.Arguments;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.Help;
import atelier.cli.config.Problem;
import atelier.cli.config.Sweep;
import atelier.common.work.OwnSession;
import atelier.common.work.StopSignal;
import atelier.trainer.folder.NotFiniteException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The main class: finds the command, composes its settings, runs it, and turns the outcome into an exit status. */
public final class Atelier {
    private static final Pattern SETS_A_KEY = Pattern.compile("^[+~]?[a-z_.]+=");

    private static final String USAGE = """
        usage: atelier COMMAND [group=option] [key=value ...] [options]

        commands:
        {commands}  setup cuda      (scripts/atelier only) find or install PyTorch for an NVIDIA card, and say what was chosen
          setup cluster   (scripts/atelier only) build the commands cluster start, filter, cache, train and stop,
                          which run on Apache Spark; docs/cluster.md says how
        options, after the command:
          --help          list the command's settings with type, default and meaning
          --cfg           print the composed settings and stop
          --multirun      run once for each value of a=1,2; with several keys, for each combination
          --rerun FILE    start from the settings that a run saved (its folder or its resolved.conf)
          --debug         show the stack trace of an error

        key=value sets a key, +key=value adds one, ~key sets one to null. Relative paths on the command line start
        at the current folder, those in configs/ at the repository's root.
        exit status: 0 done, 1 failed, 2 wrong command or configuration, 3 refused (consent, licence, safety),
        130 interrupted, with the state of training saved
        """;

    private final Path root;
    private final List<Command> commands;
    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;

    Atelier(Path root, List<Command> commands, PrintStream out, PrintStream err, boolean terminal) {
        this.root = root;
        this.commands = commands;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** System properties that the launcher sets: atelier.root, and atelier.terminal where stderr is one. */
    public static void main(String[] words) {
        // Numbers in names, files and messages are written one way everywhere, by libraries too.
        Locale.setDefault(Locale.ROOT);
        OwnSession.takeIfAsked();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        if (System.getProperty("RUST_FLAVOR") == null) {
            // DJL would ask its site for a CUDA build of the tokenizers, and wait for it where there is no network.
            System.setProperty("RUST_FLAVOR", "cpu");
        }
        Path root = Path.of(System.getProperty("atelier.root", ""));
        boolean terminal = Boolean.getBoolean("atelier.terminal");
        StopSignal stop = StopSignal.listen(err);
        List<String> typed = TypedWords.of(words);
        ExitStatus status = new Atelier(root, Commands.among(typed), out, err, terminal).run(typed);
        stop.ended();
        // Halts threads that libraries leave running; hooks still run.
        System.exit(status.code());
    }

    /** Runs one command line, messages shown. */
    ExitStatus run(List<String> words) {
        try {
            return dispatch(words);
        } catch (Exception | OutOfMemoryError | LinkageError | StackOverflowError e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Failure failure = Failure.of(e);
            failure.show(e, words.contains("--debug"), err);
            return failure.status();
        }
    }

    private ExitStatus dispatch(List<String> words) throws Exception {
        if (words.isEmpty() || words.get(0).equals("--help") || words.get(0).equals("-h")) {
            out.print(usage());
            return words.isEmpty() ? ExitStatus.WRONG : ExitStatus.DONE;
        }
        if (words.get(0).equals("--version")) {
            String version = Atelier.class.getPackage().getImplementationVersion();
            out.println("atelier " + (version == null ? "(not packaged)" : version));
            return ExitStatus.DONE;
        }
        if (words.get(0).equals("help") && words.size() > 1) {
            List<String> swapped = new ArrayList<>(words.subList(1, words.size()));
            swapped.add("--help");
            return dispatch(swapped);
        }
        Commands.Called called = Commands.find(commands, words);
        return run(called.command(), Arguments.of(keyed(called)));
    }

    /** A bare word becomes the command's own key, where it has one: {@code inspect FILE}. */
    private static List<String> keyed(Commands.Called called) {
        String key = called.command().bareWordKey();
        if (called.command().takesSeveralWords()) {
            return gathered(key, called.words());
        }
        return called.words().stream()
                .map(word -> key.isEmpty() || word.contains("=") || word.startsWith("-") ? word : key + "=" + word)
                .toList();
    }

    /** Bare words as one list; they may be command lines of other programs, with dashes and quotes in them. */
    private static List<String> gathered(String key, List<String> words) {
        List<String> others = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        for (String word : words) {
            if (Arguments.isOption(word) || SETS_A_KEY.matcher(word).find()) {
                others.add(word);
            } else {
                String quote = word.indexOf('"') < 0 ? "\"" : "'";
                bare.add(quote + (quote.equals("'") ? word.replace('\'', '"') : word) + quote);
            }
        }
        if (!bare.isEmpty()) {
            others.add(key + "=[" + String.join(", ", bare) + "]");
        }
        return others;
    }

    private ExitStatus run(Command command, Arguments arguments) throws Exception {
        ConfigFolder folder = new ConfigFolder(root);
        Composer composer = new Composer(folder);
        if (arguments.multirun() && !arguments.help()) {
            List<Multirun.Job> jobs = composed(command, composer, arguments);
            if (!arguments.cfg()) {
                return new Multirun(this::swept, out).run(command, jobs);
            }
            jobs.forEach(job ->
                    out.print("# " + job.label() + "\n" + job.composition().render()));
            return ExitStatus.DONE;
        }
        Composition composition =
                compose(command, composer, arguments, arguments.multirun() ? List.of() : arguments.changes());
        if (arguments.help()) {
            composition.check();
            out.println("atelier " + command.name() + ": " + command.summary() + "\n");
            out.print(Help.page(folder, composition, command.settings()));
            return ExitStatus.DONE;
        }
        if (arguments.cfg()) {
            composition.check();
            out.print(composition.render());
            return ExitStatus.DONE;
        }
        return run(command, composition).status();
    }

    private Multirun.Outcome swept(Command command, Composition composition) throws Exception {
        Invocation invocation = new Invocation(root, composition, out, err, terminal);
        try {
            return new Multirun.Outcome(command.run(invocation), invocation);
        } catch (NotFiniteException e) {
            out.println("diverged: " + e.getMessage());
            invocation.report(Multirun.DIVERGED, Double.NaN);
            return new Multirun.Outcome(ExitStatus.FAILED, invocation);
        }
    }

    private Multirun.Outcome run(Command command, Composition composition) throws Exception {
        // Bound here as well, so that a sweep's last run cannot fail on a word that its first could have told.
        composition.bind(command.settings());
        Invocation invocation = new Invocation(root, composition, out, err, terminal);
        return new Multirun.Outcome(command.run(invocation), invocation);
    }

    private static Composition compose(Command command, Composer composer, Arguments arguments, List<String> changes) {
        return arguments.rerun() == null
                ? composer.compose(command.configuration(), changes)
                : composer.rerun(arguments.rerun(), changes);
    }

    private List<Multirun.Job> composed(Command command, Composer composer, Arguments arguments) {
        List<Multirun.Job> jobs = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (Sweep.Job job : Sweep.jobs(Multirun.oneSeed(command, arguments.changes(), err::println))) {
            try {
                Composition composition = compose(command, composer, arguments, job.changes());
                List<String> named = Multirun.named(command, job, composition);
                composition = compose(command, composer, arguments, named);
                composition.bind(command.settings());
                jobs.add(new Multirun.Job(job.label(), composition));
            } catch (ConfigurationException e) {
                e.problems().stream()
                        .filter(problem -> !problems.contains(problem))
                        .forEach(problems::add);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return jobs;
    }

    private String usage() {
        StringBuilder list = new StringBuilder();
        for (Command command : commands) {
            list.append(String.format(Locale.ROOT, "  %-15s %s%n", command.name(), command.summary()));
        }
        return USAGE.replace("{commands}", list);
    }
}
