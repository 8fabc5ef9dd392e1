package atelier.studio.run;

import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.SavedSettings;
import atelier.common.file.LockHolder;
import atelier.studio.job.ChildCommand;
import atelier.studio.job.Launch;
import atelier.studio.job.Launches;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The runs of a folder, those that were started in a terminal among them. Safe for use by several threads. */
public final class Runs {
    private static final String WORDLESS = "its process ended without a word";
    private static final Duration FRESH = Duration.ofMillis(700);

    private final RunFiles files;
    private final Launches launches;
    private final Composer composer;
    private final RunReader reader = new RunReader();
    private List<RunSummary> snapshot = List.of();
    private long taken = System.nanoTime() - Duration.ofDays(1).toNanos();

    /** @param root the folder that holds {@code configs/} */
    Runs(RunFiles files, Launches launches, Path root) {
        this.files = files;
        this.launches = launches;
        this.composer = new Composer(new ConfigFolder(root));
    }

    /** All runs as they are now, the one that changed last first. */
    public synchronized List<RunSummary> list() throws IOException {
        Map<String, RunSummary> all = new HashMap<>();
        if (Files.isDirectory(files.runs())) {
            try (Stream<Path> folders = Files.list(files.runs())) {
                for (Path folder : (Iterable<Path>) folders::iterator) {
                    if (Files.isRegularFile(folder.resolve("resolved.conf"))) {
                        RunSummary summary = reader.read(folder);
                        all.put(summary.name(), summary);
                    }
                }
            }
        }
        for (Launch launch : launches.all().values()) {
            RunSummary known = all.get(launch.name());
            all.put(launch.name(), known == null ? beforeFolder(launch) : withLaunch(known, launch));
        }
        List<RunSummary> sorted = new ArrayList<>(all.values());
        sorted.sort(Comparator.comparing(RunSummary::changed).reversed().thenComparing(RunSummary::name));
        snapshot = List.copyOf(sorted);
        taken = System.nanoTime();
        return snapshot;
    }

    /** A run that the studio started and that has no folder yet, or never got one. */
    private static RunSummary beforeFolder(Launch launch) {
        return launch.alive().isPresent()
                ? RunSummary.of(launch.name(), RunState.PREPARING, null, launch.began())
                : RunSummary.of(launch.name(), RunState.FAILED, Launches.reason(launch), launch.began());
    }

    private RunSummary withLaunch(RunSummary known, Launch launch) {
        Optional<ProcessHandle> process = launch.alive();
        if (process.isPresent()) {
            if (known.state().isRunning() && launches.isStopping(known.name(), launch.process())) {
                return known.with(RunState.STOPPING, null);
            }
            return known.state().isRunning() ? known : known.with(RunState.PREPARING, null);
        }
        if (known.state().isRunning()) {
            return known;
        }
        String reason = known.reason();
        Integer status = launches.status(launch.name());
        if (reason != null && reason.startsWith(WORDLESS) && status != null) {
            return known.with(known.state(), reason.replaceFirst(WORDLESS, "its process ended with status " + status));
        }
        // A run that was to go on, and ended before it touched its folder.
        boolean untouched = launch.isResume() && launch.began().isAfter(known.changed());
        return untouched ? known.with(known.state(), "it did not go on: " + Launches.reason(launch)) : known;
    }

    /** As {@link #list}, at most a second old. */
    public synchronized List<RunSummary> recent() throws IOException {
        return System.nanoTime() - taken < FRESH.toNanos() ? snapshot : list();
    }

    /** Whether any run's process works; drawing waits meanwhile. */
    public boolean trains() throws IOException {
        return recent().stream().anyMatch(run -> run.state().isRunning());
    }

    /**
     * A run in a line.
     *
     * @throws atelier.studio.server.NotFoundException when there is none of the name
     */
    public RunSummary summary(String name) throws IOException {
        Optional<Launch> launch = launches.of(name);
        if (launch.isPresent() && !Files.exists(files.runs().resolve(name).resolve("resolved.conf"))) {
            return beforeFolder(launch.get());
        }
        RunSummary known = reader.read(files.run(name));
        return launch.isPresent() ? withLaunch(known, launch.get()) : stopping(known);
    }

    private RunSummary stopping(RunSummary known) {
        Optional<LockHolder> trainer = RunReader.trainer(files.runs().resolve(known.name()));
        return trainer.isPresent()
                        && launches.isStopping(known.name(), trainer.get().process())
                ? known.with(RunState.STOPPING, null)
                : known;
    }

    /**
     * All about a run but its figures, samples and verdicts.
     *
     * @throws atelier.studio.server.NotFoundException when there is none of the name
     */
    public RunDetail detail(String name) throws IOException {
        RunSummary summary = summary(name);
        Path path = files.runs().resolve(name);
        if (!Files.exists(path.resolve("resolved.conf"))) {
            List<String> words = launches.of(name).map(Launch::changes).orElse(List.of());
            return new RunDetail(
                    summary,
                    Map.of(),
                    Map.of(),
                    words,
                    ChildCommand.typed("train", words),
                    false,
                    List.of(),
                    List.of(),
                    null,
                    false,
                    log(name));
        }
        RunFolder folder = new RunFolder(path);
        List<String> words = SavedSettings.changes(path);
        List<Long> saved = folder.savedSteps();
        Composition settings = settings(path);
        return new RunDetail(
                summary,
                settings == null ? Map.of() : new TreeMap<>(settings.flat()),
                settings == null ? Map.of() : new TreeMap<>(settings.choices()),
                words,
                ChildCommand.typed("train", words),
                !saved.isEmpty() && !summary.state().isRunning(),
                saved,
                Products.of(path),
                Files.exists(folder.withheld())
                        ? Files.readString(folder.withheld()).strip()
                        : null,
                Files.isRegularFile(path.resolve("evaluation").resolve("report.html")),
                log(name));
    }

    /** Settings that cannot be read any more leave the rest to be seen. */
    private @Nullable Composition settings(Path run) {
        try {
            return composer.rerun(run, List.of());
        } catch (ConfigurationException e) {
            return null;
        }
    }

    /** Figures of steps after one, at most some two thousand rows of them. */
    public Metrics metrics(String name, long after) throws IOException {
        return new MetricsFile(new RunFolder(files.run(name)).metrics()).after(after);
    }

    /** Grids by step, the one with the base and the adapter last. */
    public List<Sample> samples(String name) throws IOException {
        Path folder = new RunFolder(files.run(name)).samples();
        List<Sample> samples = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                all.map(path -> path.getFileName().toString()).sorted().forEach(file -> {
                    if (file.matches("step-\\d{6,18}\\.png")) {
                        long step = Long.parseLong(file.substring("step-".length(), file.length() - ".png".length()));
                        samples.add(new Sample(step, file, "after step " + step));
                    } else if (file.equals("before-after.png")) {
                        samples.add(new Sample(0, file, "the base above, the adapter below"));
                    }
                });
            }
        }
        samples.sort(Comparator.comparingLong(each -> each.step() == 0 ? Long.MAX_VALUE : each.step()));
        return samples;
    }

    /** Verdicts on its pictures. */
    public LedgerPage ledger(String name, LedgerPage.Query query) throws IOException {
        return LedgerFile.page(new RunFolder(files.run(name)).ledger(), query);
    }

    /** The end of what a run said, on its terminal where the studio started it, else in its log. */
    public String log(String name) {
        Optional<Launch> launch = launches.of(name);
        String said = launch.isPresent() ? Launches.end(launch.get().log()) : "";
        if (!said.isBlank()) {
            return said;
        }
        return Files.exists(files.runs().resolve(name).resolve("resolved.conf"))
                ? Launches.end(new RunFolder(files.run(name)).log())
                : "";
    }

    /**
     * A file in a run's folder.
     *
     * @throws atelier.studio.server.NotFoundException when it is not there, or not within
     */
    public Path file(String name, String relative) throws IOException {
        return files.file(name, relative);
    }
}
