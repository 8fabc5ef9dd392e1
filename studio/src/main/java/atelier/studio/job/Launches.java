package atelier.studio.job;

import atelier.common.error.WorkFailedException;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Processes of one kind, at most one a run: children that outlive the studio. What one says goes to a file; whether it
 * lives is asked of the system; what it did stands in its run's folder.
 */
public final class Launches {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int LOG_END = 1 << 16;
    private static final int MESSAGE_LINES = 6;

    private final Path folder;
    private final ChildCommand command;
    private final JobKind kind;
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();

    /**
     * Opens what is known of processes.
     *
     * @param folder of the studio's data, where files about processes go
     * @param command how one is started
     * @param kind what they do
     */
    public Launches(Path folder, ChildCommand command, JobKind kind) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.command = command;
        this.kind = kind;
        sweep();
    }

    /**
     * Starts a process.
     *
     * @param name the run's
     * @param changes of the command's settings
     */
    public Launch start(String name, List<String> changes) throws IOException {
        Path log = folder.resolve(name + ".log");
        Files.deleteIfExists(log);
        statuses.remove(name);
        new Launch(name, changes, 0, Instant.now(), log).write(folder);
        ProcessBuilder builder = new ProcessBuilder(command.with(kind.command(), changes))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        File none = new File("/dev/null");
        if (none.exists()) {
            builder.redirectInput(none);
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new WorkFailedException("the process cannot be started: " + e.getMessage(), e);
        }
        CompletableFuture<Void> unused = process.onExit().thenAccept(ended -> statuses.put(name, ended.exitValue()));
        Launch launch = new Launch(name, changes, process.pid(), Instant.now(), log);
        launch.write(folder);
        return launch;
    }

    /** What was started under a run's name last. */
    public Optional<Launch> of(String name) {
        return Launch.isName(name) ? Launch.read(Launch.file(folder, name)) : Optional.empty();
    }

    /** All that is known, by name. */
    public Map<String, Launch> all() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".json"))
                    .map(Launch::read)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toMap(Launch::name, each -> each, (a, b) -> b));
        }
    }

    /** The status with which a process of this studio's ended; null where it lives, or was another's. */
    public @Nullable Integer status(String name) {
        return statuses.get(name);
    }

    /** Forgets a process that has ended. */
    public void forget(String name) throws IOException {
        Files.deleteIfExists(Launch.file(folder, name));
        Files.deleteIfExists(folder.resolve(name + ".log"));
        Files.deleteIfExists(folder.resolve(name + ".stop"));
    }

    /** Why a process that left nothing else ended: the errors at the end of what it said. */
    public static String reason(Launch launch) {
        String said = end(launch.log());
        List<String> errors = said.lines()
                .filter(line -> line.startsWith("error: "))
                .map(line -> line.substring("error: ".length()))
                .toList();
        if (!errors.isEmpty()) {
            return String.join("\n", errors);
        }
        List<String> lines = said.lines().toList();
        String last = String.join("\n", lines.subList(Math.max(0, lines.size() - MESSAGE_LINES), lines.size()));
        return last.isBlank() ? "its process ended without a word" : last;
    }

    /** The last 64 KiB of a text, from the beginning of a line; empty where there is none. */
    public static String end(Path file) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - LOG_END);
            in.seek(from);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.readFully(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            return from == 0 ? text : text.substring(text.indexOf('\n') + 1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Notes that a process was asked to stop: a second signal would end it without saving. */
    public void noteStop(String name, long process) throws IOException {
        Files.writeString(folder.resolve(name + ".stop"), Long.toString(process));
    }

    /** Whether this very process was asked to stop. */
    public boolean isStopping(String name, long process) {
        try {
            return Files.readString(folder.resolve(name + ".stop")).equals(Long.toString(process));
        } catch (IOException e) {
            return false;
        }
    }

    private void sweep() throws IOException {
        Instant oldest = Instant.now().minus(KEPT);
        for (Launch each : all().values()) {
            if (each.began().isBefore(oldest) && each.alive().isEmpty()) {
                forget(each.name());
            }
        }
    }
}
