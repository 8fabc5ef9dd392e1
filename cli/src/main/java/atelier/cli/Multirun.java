package atelier.cli;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.cli.config.Composition;
import atelier.cli.config.Sweep;
import atelier.cli.sweep.SweptRun;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Runs a sweep, one run after another, and ranks the runs by their first figure. */
final class Multirun {
    /** The figure of a run that came to no number. */
    static final String DIVERGED = "diverged";

    private static final String NAME = "run.name";
    private static final String RANDOM_SEED = "seed=-1";

    /** A run of a sweep, ready to go. */
    record Job(String label, Composition composition) {}

    /** How a run ended, and what it was given, with the figures and files that it reported. */
    record Outcome(ExitStatus status, Invocation invocation) {
        Map<String, Double> figures() {
            return invocation.figures();
        }

        boolean diverged() {
            return figures().containsKey(DIVERGED);
        }
    }

    /** One run's line of the table. */
    private record Ranked(Job job, Outcome outcome) {
        double first() {
            return outcome.figures().values().stream().findFirst().orElse(Double.NaN);
        }
    }

    interface Runner {
        Outcome run(Command command, Composition composition) throws Exception;
    }

    private final Runner runner;
    private final PrintStream out;

    Multirun(Runner runner, PrintStream out) {
        this.runner = runner;
        this.out = out;
    }

    /** A run of a sweep in its own folder: its name carries what was swept, unless the name itself is swept. */
    static List<String> named(Command command, Sweep.Job job, Composition composition) {
        List<String> named = new ArrayList<>(job.changes());
        String label = job.label().replaceAll("[^\\p{L}\\p{N}=._-]+", "_");
        if (label.isEmpty()) {
            return named;
        }
        String name = composition.text(NAME);
        if (!name.isEmpty()) {
            change(named, job, NAME, name + "-" + label);
        }
        String key = command.folderKey();
        if (!key.isEmpty()) {
            Path folder = composition.path(key).toAbsolutePath();
            change(named, job, key, folder.resolve(label).toString());
        }
        return named;
    }

    /** A random seed of generate is drawn once for the whole sweep, so that its pictures differ in what is swept alone. */
    static List<String> oneSeed(Command command, List<String> words, Consumer<String> messages) {
        if (!command.name().equals("generate") || !words.contains(RANDOM_SEED)) {
            return words;
        }
        long drawn = ThreadLocalRandom.current().nextLong(1L << 32);
        messages.accept("seed -1 stands for a random one; in this sweep it is " + drawn);
        return words.stream()
                .map(word -> word.equals(RANDOM_SEED) ? "seed=" + drawn : word)
                .toList();
    }

    private static void change(List<String> words, Sweep.Job job, String key, String value) {
        if (!job.label().contains(key + "=")) {
            words.removeIf(word -> word.startsWith(key + "="));
            words.add(key + "=" + value);
        }
    }

    /**
     * Runs all, stopping at the first that does not end well; its status is the sweep's. A run that diverges, which sweeps
     * over rates are made to find out, stands last in the table and does not stop the others.
     */
    ExitStatus run(Command command, List<Job> jobs) throws Exception {
        List<Ranked> done = new ArrayList<>();
        for (Job job : jobs) {
            out.printf(Locale.ROOT, "run %d of %d: %s%n", done.size() + 1, jobs.size(), job.label());
            Outcome outcome = runner.run(command, job.composition());
            done.add(new Ranked(job, outcome));
            if (outcome.status() != ExitStatus.DONE && !outcome.diverged()) {
                break;
            }
        }
        rank(done);
        if (!done.isEmpty() && done.get(done.size() - 1).outcome().status() == ExitStatus.DONE) {
            List<SweptRun> runs = done.stream()
                    .map(ranked -> new SweptRun(
                            ranked.job().label(), ranked.outcome().invocation().files()))
                    .toList();
            command.afterSweep(runs, done.get(done.size() - 1).outcome().invocation());
        }
        return done.stream()
                .map(ranked -> ranked.outcome().status())
                .filter(status -> status != ExitStatus.DONE)
                .reduce((first, last) -> last)
                .orElse(ExitStatus.DONE);
    }

    private void rank(List<Ranked> done) {
        if (done.stream().allMatch(ranked -> ranked.outcome().figures().isEmpty())) {
            return;
        }
        out.println("rank  figures  run");
        List<Ranked> sorted =
                done.stream().sorted(Comparator.comparingDouble(Ranked::first)).toList();
        for (int i = 0; i < sorted.size(); i++) {
            StringBuilder figures = new StringBuilder();
            sorted.get(i)
                    .outcome()
                    .figures()
                    .forEach((name, figure) -> figures.append(String.format(Locale.ROOT, "%s=%.6g  ", name, figure)));
            out.printf(
                    Locale.ROOT,
                    "%4d  %s%s%n",
                    i + 1,
                    figures,
                    sorted.get(i).job().label());
        }
    }
}
