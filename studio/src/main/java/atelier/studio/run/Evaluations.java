package atelier.studio.run;

import atelier.studio.job.ChildCommand;
import atelier.studio.job.JobKind;
import atelier.studio.job.Launch;
import atelier.studio.job.Launches;
import atelier.studio.job.QueueEntry;
import atelier.studio.job.RunQueue;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Evaluations of runs: a process each, whose state is read from the queue, the process, what it said and the report. One
 * of a terminal is known by its report alone.
 */
public final class Evaluations {
    private static final Pattern PROGRESS = Pattern.compile("evaluate: (\\d+) %, (\\d+):(\\d\\d) left");
    private static final String ERROR = "error: ";
    private static final String INTERRUPTED = "error: interrupted";
    private static final String LIMIT = "limit broken: ";
    /** File systems date files a little earlier than the clock says. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final RunFiles files;
    private final Launches launches;
    private final RunQueue queue;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** @param launches of evaluations */
    Evaluations(RunFiles files, Launches launches, RunQueue queue) {
        this.files = files;
        this.launches = launches;
        this.queue = queue;
    }

    /** An evaluation that has ended is not read again. */
    private record Known(Launch launch, @Nullable Instant report, Evaluation evaluation) {}

    /** Of all runs for which the studio was asked for one, in the order of their names. */
    public List<Evaluation> list() throws IOException {
        Map<String, QueueEntry> waiting = waiting();
        Map<String, Launch> begun = launches.all();
        TreeSet<String> names = new TreeSet<>(begun.keySet());
        names.addAll(waiting.keySet());
        List<Evaluation> all = new ArrayList<>();
        for (String name : names) {
            all.add(read(name, waiting.containsKey(name), Optional.ofNullable(begun.get(name))));
        }
        return all;
    }

    private Map<String, QueueEntry> waiting() throws IOException {
        return queue.entries().stream()
                .filter(entry -> entry.kind() == JobKind.EVALUATE)
                .collect(Collectors.toMap(QueueEntry::name, entry -> entry, (a, b) -> a));
    }

    /** Whether any process works. */
    public boolean works() throws IOException {
        return launches.all().values().stream().anyMatch(each -> each.alive().isPresent());
    }

    /** That of one run. */
    public Evaluation of(String name) throws IOException {
        return read(name, queue.of(JobKind.EVALUATE, name).isPresent(), launches.of(name));
    }

    /**
     * All about that of one run.
     *
     * @param run in a line
     */
    EvaluationDetail detail(RunSummary run) throws IOException {
        String name = run.name();
        Optional<QueueEntry> waits = queue.of(JobKind.EVALUATE, name);
        Optional<Launch> launch = launches.of(name);
        List<String> words = waits.map(QueueEntry::changes)
                .or(() -> launch.map(Launch::changes))
                .orElse(List.of("run=" + files.runs().resolve(name)));
        String log = waits.isPresent()
                ? ""
                : launch.map(each -> Launches.end(each.log())).orElse("");
        return new EvaluationDetail(
                read(name, waits.isPresent(), launch),
                obstacle(run),
                waits.map(QueueEntry::id).orElse(null),
                ChildCommand.typed(JobKind.EVALUATE.command(), words),
                log);
    }

    /** Why a run cannot be evaluated, as {@code evaluate} would say; null where it can. */
    @Nullable
    String obstacle(RunSummary run) {
        RunFolder folder = new RunFolder(files.runs().resolve(run.name()));
        if (run.state().isRunning()) {
            return "the run has not ended; it can be evaluated once it has";
        }
        if (!Files.isRegularFile(folder.adapter())) {
            return Files.isDirectory(folder.merged())
                    ? "it trained the whole model and left no adapter, and an evaluation compares a model with and"
                            + " without its adapter"
                    : "it left no adapter; an evaluation needs a run that came to its end";
        }
        return Files.isRegularFile(folder.ledger()) ? null : "its folder holds no ledger.csv";
    }

    /** The process that works on a run's evaluation. */
    Optional<ProcessHandle> process(String name) {
        return launches.of(name).flatMap(Launch::alive);
    }

    private Evaluation read(String name, boolean waits, Optional<Launch> launch) {
        Instant report = report(name);
        if (launch.isPresent() && launch.get().alive().isPresent()) {
            return running(launch.get(), report);
        }
        if (waits) {
            return Evaluation.of(name, EvaluationState.WAITING, null, report);
        }
        if (launch.isEmpty()) {
            return Evaluation.of(name, report == null ? EvaluationState.NONE : EvaluationState.DONE, null, report);
        }
        Known before = known.get(name);
        if (before != null && before.launch().equals(launch.get()) && equal(before.report(), report)) {
            return before.evaluation();
        }
        Evaluation ended = ended(launch.get(), report);
        known.put(name, new Known(launch.get(), report, ended));
        return ended;
    }

    private static boolean equal(@Nullable Instant a, @Nullable Instant b) {
        return a == null ? b == null : a.equals(b);
    }

    private Evaluation running(Launch launch, @Nullable Instant report) {
        boolean stops = launches.isStopping(launch.name(), launch.process());
        String doing = null;
        Matcher progress = null;
        for (String line : Launches.end(launch.log()).lines().toList()) {
            Matcher matcher = PROGRESS.matcher(line);
            if (matcher.matches()) {
                progress = matcher;
            } else if (!line.isBlank()) {
                doing = line;
            }
        }
        Evaluation now =
                Evaluation.of(launch.name(), stops ? EvaluationState.STOPPING : EvaluationState.RUNNING, doing, report);
        if (progress == null) {
            return now;
        }
        Instant said = date(launch.log());
        long left = 60 * Long.parseLong(progress.group(2)) + Long.parseLong(progress.group(3));
        return now.at(Integer.parseInt(progress.group(1)), said == null ? null : said.plusSeconds(left));
    }

    private Evaluation ended(Launch launch, @Nullable Instant report) {
        String name = launch.name();
        List<String> said = Launches.end(launch.log()).lines().toList();
        List<String> errors =
                said.stream().filter(line -> line.startsWith(ERROR)).toList();
        boolean interrupted = errors.equals(List.of(INTERRUPTED));
        if (!errors.isEmpty() && !interrupted) {
            return Evaluation.of(name, EvaluationState.FAILED, Launches.reason(launch), report);
        }
        if (!interrupted && report != null && report.plus(SLACK).isAfter(launch.began())) {
            String broken = said.stream().filter(line -> line.startsWith(LIMIT)).collect(Collectors.joining("\n"));
            return Evaluation.of(name, EvaluationState.DONE, broken.isEmpty() ? null : broken, report);
        }
        if (interrupted || launches.isStopping(name, launch.process())) {
            return Evaluation.of(name, EvaluationState.STOPPED, null, report);
        }
        Integer status = launches.status(name);
        String reason =
                said.isEmpty() && status != null ? "its process ended with status " + status : Launches.reason(launch);
        return Evaluation.of(name, EvaluationState.FAILED, reason, report);
    }

    private @Nullable Instant report(String name) {
        return Launch.isName(name)
                ? date(files.runs().resolve(name).resolve("evaluation").resolve("report.html"))
                : null;
    }

    private static @Nullable Instant date(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return null;
        }
    }
}
