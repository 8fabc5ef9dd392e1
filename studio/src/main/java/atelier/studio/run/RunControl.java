package atelier.studio.run;

import atelier.cli.choice.RunName;
import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.common.error.WrongCommandException;
import atelier.common.file.LockHolder;
import atelier.studio.job.ChildCommand;
import atelier.studio.job.JobKind;
import atelier.studio.job.Launch;
import atelier.studio.job.Launches;
import atelier.studio.job.QueueEntry;
import atelier.studio.job.RunQueue;
import atelier.studio.server.BusyException;
import atelier.studio.server.NotFoundException;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Starts, stops, resumes, evaluates and queues runs. Each is a process of its own, which neither the studio's end nor a
 * Ctrl+C in its terminal reaches.
 */
public final class RunControl {
    private static final String NAME = "run.name=";
    private static final String PLACE = "run.dir=";

    private final Path runs;
    private final Composer composer;
    private final Launches launches;
    private final Launches evaluating;
    private final Runs list;
    private final Evaluations evaluations;
    private final RunQueue queue;

    RunControl(
            Path runs,
            Path root,
            Launches launches,
            Launches evaluating,
            Runs list,
            Evaluations evaluations,
            RunQueue queue) {
        this.runs = runs;
        this.composer = new Composer(new ConfigFolder(root));
        this.launches = launches;
        this.evaluating = evaluating;
        this.list = list;
        this.evaluations = evaluations;
        this.queue = queue;
    }

    /**
     * A run that is to be.
     *
     * @param name its folder's
     * @param changes of train's settings, its name and place among them
     */
    public record NewRun(String name, List<String> changes) {
        /** The command line that does the same in a terminal. */
        public String command() {
            return ChildCommand.typed("train", changes);
        }
    }

    /**
     * Finds a name that no run has and none that waits: the one that is asked for, or with a number, NAME-2.
     *
     * @param changes of train's settings
     */
    public synchronized NewRun named(List<String> changes) throws IOException {
        Set<String> taken = queue.entries().stream()
                .filter(entry -> entry.kind() == JobKind.TRAIN)
                .map(QueueEntry::name)
                .collect(Collectors.toSet());
        String wanted = RunName.of(composer.compose("train", changes));
        String name = wanted;
        for (int number = 2; isTaken(name, taken); number++) {
            name = wanted + "-" + number;
        }
        List<String> all = new ArrayList<>(changes);
        all.removeIf(each -> each.startsWith(NAME) || each.startsWith(PLACE));
        if (!same(composer.compose("train", all).path("run.dir"), runs)) {
            all.add(PLACE + runs);
        }
        all.add(NAME + name);
        return new NewRun(name, all);
    }

    private static boolean same(Path a, Path b) {
        return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    }

    private boolean isTaken(String name, Set<String> waiting) {
        return waiting.contains(name)
                || Files.exists(runs.resolve(name))
                || launches.of(name).flatMap(Launch::alive).isPresent();
    }

    /** Starts a run now, whatever else trains. */
    public synchronized NewRun start(List<String> changes) throws IOException {
        NewRun run = named(changes);
        launches.start(run.name(), run.changes());
        return run;
    }

    /** Lets a run wait until no other trains. */
    public synchronized QueueEntry enqueue(List<String> changes) throws IOException {
        NewRun run = named(changes);
        return queue.add(JobKind.TRAIN, run.name(), run.changes());
    }

    /** What waits, and in which order. */
    public RunQueue queue() {
        return queue;
    }

    /**
     * Lets a stopped run go on.
     *
     * @param wait until no other job works
     * @throws WrongCommandException when it has no saved state, BusyException when it is running or waits
     */
    public synchronized void resume(String name, boolean wait) throws IOException {
        RunSummary run = list.summary(name);
        if (run.state().isRunning() || queue.of(JobKind.TRAIN, name).isPresent()) {
            throw new BusyException("run '" + name + "'", "it is running, or waits to", "wait, or stop it");
        }
        if (!wait && evaluations.process(name).isPresent()) {
            throw new BusyException("run '" + name + "'", "it is being evaluated", "wait, or put it in the queue");
        }
        Path folder = runs.resolve(name);
        if (!Files.isDirectory(folder) || new RunFolder(folder).lastSavedStep().isEmpty()) {
            throw new WrongCommandException(
                    "run '" + name + "'", "no state of it was saved", "start it again, with changes where it failed");
        }
        List<String> changes = List.of("resume=" + folder);
        if (wait) {
            queue.add(JobKind.TRAIN, name, changes);
        } else {
            launches.start(name, changes);
        }
    }

    /**
     * Asks a run to stop after the step at hand and to save, as Ctrl+C in its terminal would. The signal is SIGTERM, which
     * does the same: what a script starts in the background is deaf to SIGINT.
     *
     * @throws BusyException when it does not run, or on another machine
     */
    public synchronized void stop(String name) throws IOException {
        RunSummary run = list.summary(name);
        Optional<LockHolder> trainer = RunReader.trainer(runs.resolve(name));
        Optional<ProcessHandle> process = trainer.isPresent()
                ? trainer.filter(LockHolder::here).flatMap(each -> ProcessHandle.of(each.process()))
                : launches.of(name).flatMap(Launch::alive);
        if (!run.state().isRunning() || process.isEmpty()) {
            throw new BusyException(
                    "run '" + name + "'",
                    trainer.isPresent() ? "it runs on " + trainer.get().host() : "it does not run",
                    trainer.isPresent() ? "stop it there" : "");
        }
        long number = process.get().pid();
        if (!launches.isStopping(name, number)) {
            launches.noteStop(name, number);
            process.get().destroy();
        }
    }

    /**
     * Forgets a run that the studio started and that never got a folder.
     *
     * @throws NotFoundException when there is none
     */
    public synchronized void forget(String name) throws IOException {
        Optional<Launch> launch = launches.of(name);
        if (launch.isEmpty() || Files.exists(runs.resolve(name))) {
            throw new NotFoundException("run '" + name + "'", "no failed start is to be forgotten", "");
        }
        if (launch.get().alive().isPresent()) {
            throw new BusyException("run '" + name + "'", "it is running", "stop it first");
        }
        launches.forget(name);
    }

    /**
     * Lets an evaluation of a run wait until no other job works.
     *
     * @param changes of evaluate's settings
     * @throws BusyException when it cannot be evaluated now, or an evaluation of it works or waits
     */
    public synchronized QueueEntry evaluate(String name, List<String> changes) throws IOException {
        RunSummary run = list.summary(name);
        String place = "run '" + name + "'";
        if (evaluations.process(name).isPresent()
                || queue.of(JobKind.EVALUATE, name).isPresent()) {
            throw new BusyException(place, "it is being evaluated, or waits for that", "wait, or stop it");
        }
        String obstacle = evaluations.obstacle(run);
        if (obstacle != null) {
            throw new BusyException(place, obstacle, "");
        }
        List<String> all = new ArrayList<>(List.of("run=" + runs.resolve(name)));
        all.addAll(changes);
        return queue.add(JobKind.EVALUATE, name, all);
    }

    /**
     * Ends the evaluation of a run: one that waits leaves the queue, one that works is sent SIGTERM. A report that was there
     * before stays.
     *
     * @throws BusyException when there is none
     */
    public synchronized void stopEvaluation(String name) throws IOException {
        list.summary(name);
        Optional<QueueEntry> waits = queue.of(JobKind.EVALUATE, name);
        Optional<ProcessHandle> process = evaluations.process(name);
        if (waits.isPresent()) {
            queue.remove(waits.get().id());
        } else if (process.isPresent()) {
            evaluating.noteStop(name, process.get().pid());
            process.get().destroy();
        } else {
            throw new BusyException("run '" + name + "'", "no evaluation of it works or waits", "");
        }
    }

    /** All about the evaluation of a run. */
    public EvaluationDetail evaluation(String name) throws IOException {
        return evaluations.detail(list.summary(name));
    }

    /**
     * Starts the first job that waits, where none works.
     *
     * @return whether one was started
     */
    public synchronized boolean next() throws IOException {
        List<QueueEntry> waiting = queue.entries();
        if (waiting.isEmpty()
                || evaluations.works()
                || list.list().stream().anyMatch(run -> run.state().isRunning())) {
            return false;
        }
        QueueEntry entry = queue.remove(waiting.get(0).id());
        switch (entry.kind()) {
            case EVALUATE -> evaluating.start(entry.name(), entry.changes());
            case TRAIN -> {
                // A run of the name may have come meanwhile, from a terminal.
                List<String> changes = entry.changes();
                boolean resumes = changes.stream().anyMatch(each -> each.startsWith("resume="));
                NewRun run = resumes ? new NewRun(entry.name(), changes) : named(changes);
                launches.start(run.name(), run.changes());
            }
        }
        return true;
    }
}
