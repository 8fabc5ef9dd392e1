package atelier.studio.job;

import atelier.common.file.AtomicFile;
import atelier.studio.server.BusyException;
import atelier.studio.server.Json;
import atelier.studio.server.NotFoundException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Jobs that wait, first come first: a file each, {@code 000003-ID.json}, whose number is its place. A restarted studio
 * goes on with them.
 */
public final class RunQueue {
    private static final int MOST = 1000;

    private final Path folder;

    public RunQueue(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    private record Placed(Path file, QueueEntry entry) {}

    /** What waits, next first. */
    public synchronized List<QueueEntry> entries() throws IOException {
        return placed().stream().map(Placed::entry).toList();
    }

    /** A run's job of a kind, where it waits. */
    public Optional<QueueEntry> of(JobKind kind, String run) throws IOException {
        return entries().stream().filter(each -> each.is(kind, run)).findFirst();
    }

    private List<Placed> placed() throws IOException {
        List<Placed> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.getFileName().toString().matches("\\d{6}-[0-9a-f]{8}\\.json"))
                    .sorted(Comparator.comparing(each -> each.getFileName().toString()))
                    .toList()) {
                read(file).ifPresent(entry -> all.add(new Placed(file, entry)));
            }
        }
        return all;
    }

    private static Optional<QueueEntry> read(Path file) {
        try {
            JsonNode json = Json.read(Files.readString(file));
            List<String> changes = new ArrayList<>();
            json.path("changes").forEach(each -> changes.add(each.asText()));
            return Optional.of(new QueueEntry(
                    json.path("id").asText(),
                    JobKind.of(json.path("kind").asText()),
                    json.path("name").asText(),
                    changes,
                    Instant.parse(json.path("queued").asText())));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Puts a job at the end.
     *
     * @throws BusyException where a thousand wait
     */
    public synchronized QueueEntry add(JobKind kind, String name, List<String> changes) throws IOException {
        List<Placed> all = placed();
        if (all.size() >= MOST) {
            throw new BusyException("the queue", MOST + " jobs wait already", "remove some");
        }
        String id = UUID.randomUUID().toString().substring(0, 8);
        QueueEntry entry = new QueueEntry(id, kind, name, List.copyOf(changes), Instant.now());
        int place = all.isEmpty() ? 0 : number(all.get(all.size() - 1)) + 1;
        AtomicFile.write(file(place, id), Json.text(entry));
        return entry;
    }

    /**
     * Moves a job to another place.
     *
     * @param place from 0; beyond the last is last
     * @throws NotFoundException when it no longer waits
     */
    public synchronized void move(String id, int place) throws IOException {
        List<Placed> all = new ArrayList<>(placed());
        Placed moved = find(all, id);
        all.remove(moved);
        all.add(Math.max(0, Math.min(place, all.size())), moved);
        // By names that are free first: a studio that is killed meanwhile loses none.
        int base = all.stream().mapToInt(RunQueue::number).max().orElse(0) + 1;
        if (base + all.size() > 900_000) {
            base = 0;
        }
        for (int i = 0; i < all.size(); i++) {
            Files.move(all.get(i).file(), file(base + i, all.get(i).entry().id()));
        }
    }

    /**
     * Takes a job out.
     *
     * @throws NotFoundException when it no longer waits
     */
    public synchronized QueueEntry remove(String id) throws IOException {
        Placed removed = find(placed(), id);
        Files.delete(removed.file());
        return removed.entry();
    }

    private static Placed find(List<Placed> all, String id) {
        return all.stream()
                .filter(each -> each.entry().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new NotFoundException(
                        "queue entry '" + id + "'", "it does not wait, or no longer", "GET /api/v1/queue lists them"));
    }

    private static int number(Placed placed) {
        return Integer.parseInt(placed.file().getFileName().toString().substring(0, 6));
    }

    private Path file(int place, String id) {
        return folder.resolve(String.format(Locale.ROOT, "%06d-%s.json", place, id));
    }
}
