package atelier.studio.job;

import atelier.common.file.AtomicFile;
import atelier.studio.server.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A process that the studio started, as a file says it, so that a restarted studio knows it too.
 *
 * @param name the run's
 * @param changes the words of its command line
 * @param process its number; 0 until it is known
 * @param began when
 * @param log where it says what it does
 */
public record Launch(String name, List<String> changes, long process, Instant began, Path log) {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}=._ -]{0,254}");
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    /** Whether a text may be a run's name: no path, and nothing hidden. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static Path file(Path folder, String name) {
        return folder.resolve(name + ".json");
    }

    void write(Path folder) throws IOException {
        AtomicFile.write(file(folder, name), Json.text(this));
    }

    /** Empty where the file is not there, or not whole. */
    static Optional<Launch> read(Path file) {
        try {
            JsonNode json = Json.read(Files.readString(file));
            List<String> changes = new ArrayList<>();
            json.path("changes").forEach(each -> changes.add(each.asText()));
            return Optional.of(new Launch(
                    json.path("name").asText(),
                    changes,
                    json.path("process").asLong(),
                    Instant.parse(json.path("began").asText()),
                    Path.of(json.path("log").asText())));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Its process, while it lives. */
    public Optional<ProcessHandle> alive() {
        return process == 0
                ? Optional.empty()
                : ProcessHandle.of(process)
                        .filter(ProcessHandle::isAlive)
                        .filter(each -> each.info()
                                .startInstant()
                                .map(start -> start.isBefore(began.plus(TOLERANCE)))
                                .orElse(true));
    }

    /** Whether it lets a stopped run go on. */
    public boolean isResume() {
        return changes.stream().anyMatch(each -> each.startsWith("resume="));
    }
}
