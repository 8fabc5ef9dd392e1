package atelier.trainer.cache;

import atelier.common.file.Sha256;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Arrays of floats of one kind and encoder, found again by everything that they depend on, many in a file (see
 * {@link Pack}).
 *
 * <p>New arrays wait in memory and are written together: when they are many, when the first has waited a minute, and when
 * the cache is closed. A process that is killed loses what waited and nothing else. Files appear by renaming, and closing
 * joins small ones; processes may use a folder at the same time, of which each sees what was there when it began, and what
 * it added. An array that is damaged, or whose file is, counts as absent and is made anew; that is told, and the damaged
 * file goes when the cache is closed.
 */
public final class TensorCache implements AutoCloseable {
    /** Packs of other names are left as they are: a shard's is found by its name. */
    private static final String OWN = "pack-";

    private final Path folder;
    private final Limits limits;
    private final Consumer<String> says;
    /** The file of each array that is thought whole, by the digest of its key. */
    private final Map<String, Pack> index = new HashMap<>();

    private final List<Pack> packs = new ArrayList<>();
    private final Set<Path> damaged = new LinkedHashSet<>();
    private final Map<String, Entry> waiting = new LinkedHashMap<>();
    private long waitingBytes;
    private long waitingSince;
    private boolean wrote;

    private TensorCache(Path folder, Limits limits, Consumer<String> says) {
        this.folder = folder;
        this.limits = limits;
        this.says = says;
    }

    /**
     * When arrays are written.
     *
     * @param bytes of waiting arrays
     * @param nanos that the first of them may wait
     * @param small files below this size are joined
     */
    record Limits(long bytes, long nanos, long small) {
        static final Limits USUAL = new Limits(64L << 20, 60_000_000_000L, 128L << 20);
        /** All arrays wait until they are asked for by name. */
        static final Limits NONE = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, 0);
    }

    /** An array with its shape, row-major. */
    @SuppressWarnings("ArrayRecordComponent") // carried from disk to a tensor, never compared
    public record Entry(float[] values, long[] shape) {
        public Entry {
            long count = 1;
            for (long side : shape) {
                count = Math.multiplyExact(count, side);
            }
            if (count != values.length) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(shape) + " needs " + count + " values, got " + values.length);
            }
        }
    }

    /** Opens the packs in a folder, which need not be there. */
    static TensorCache open(Path folder, Limits limits, Consumer<String> says) throws IOException {
        TensorCache cache = new TensorCache(folder, limits, says);
        for (Path file : Pack.in(folder)) {
            cache.open(file).ifPresent(cache::add);
        }
        return cache;
    }

    /** A cache that looks for nothing and keeps all that is put into it until {@link #write}. */
    static TensorCache shard(Path folder, Consumer<String> says) {
        return new TensorCache(folder, Limits.NONE, says);
    }

    /**
     * A key that holds each part and where it ends: content digest, placement, the encoder's digest and whatever else the
     * array depends on.
     */
    public static String key(String... parts) {
        StringBuilder key = new StringBuilder();
        for (String part : parts) {
            key.append(part.length()).append(':').append(part).append('\n');
        }
        return key.toString();
    }

    private static String digest(String key) {
        return Sha256.of(key.getBytes(StandardCharsets.UTF_8));
    }

    /** The array, or nothing when it is absent or damaged. */
    public synchronized Optional<Entry> get(String key) {
        String digest = digest(key);
        Entry entry = waiting.get(digest);
        if (entry != null) {
            return Optional.of(entry);
        }
        for (Pack pack = index.get(digest); pack != null; pack = index.get(digest)) {
            Optional<Entry> found = pack.read(digest);
            if (found.isPresent()) {
                return found;
            }
            tell(pack.file(), "an array in it is not as it was written; what is damaged in it is encoded anew");
            index.remove(digest);
            Pack broken = pack;
            packs.stream()
                    .filter(other -> !damaged.contains(other.file())
                            && other != broken
                            && other.digests().contains(digest))
                    .findFirst()
                    .ifPresent(other -> index.put(digest, other));
        }
        return Optional.empty();
    }

    /** Keeps the array. */
    public synchronized void put(String key, float[] values, long... shape) throws IOException {
        if (waiting.isEmpty()) {
            waitingSince = System.nanoTime();
        }
        Entry before = waiting.put(digest(key), new Entry(values, shape));
        waitingBytes += 4L * (values.length - (before == null ? 0 : before.values().length));
        if (waitingBytes >= limits.bytes() || System.nanoTime() - waitingSince >= limits.nanos()) {
            flush();
        }
    }

    /** Writes what waits. */
    public synchronized void flush() throws IOException {
        write(OWN + Pack.name(waiting.keySet()));
    }

    /**
     * Writes what waits into a file of a given name.
     *
     * @return the file; empty where nothing waits
     */
    synchronized Optional<Path> write(String name) throws IOException {
        if (waiting.isEmpty()) {
            return Optional.empty();
        }
        Map<String, TensorSource> arrays = new TreeMap<>();
        waiting.forEach((digest, entry) -> arrays.put(
                digest,
                TensorSource.of(
                        DType.F32,
                        entry.shape(),
                        () -> TensorView.ofFloats(entry.values(), entry.shape()).data())));
        Pack pack = Pack.write(folder, name, arrays);
        add(pack);
        waiting.clear();
        waitingBytes = 0;
        wrote = true;
        return Optional.of(pack.file());
    }

    /** Whether a whole file of a name is there. */
    boolean has(String name) throws IOException {
        Path file = folder.resolve(name + Pack.ENDING);
        return Files.exists(file) && open(file).isPresent();
    }

    @Override
    public synchronized void close() throws IOException {
        if (limits.equals(Limits.NONE)) {
            return;
        }
        flush();
        if (wrote || !damaged.isEmpty()) {
            join();
        }
    }

    /**
     * Joins small files and takes damaged ones away. Each file that goes was copied into one that stands already, so
     * another process that does the same at the same time loses nothing.
     */
    private void join() throws IOException {
        Set<Path> old = new LinkedHashSet<>();
        List<Pack> parts = new ArrayList<>();
        for (Path file : Pack.in(folder)) {
            boolean own = file.getFileName().toString().startsWith(OWN);
            if (damaged.contains(file)) {
                old.add(file);
            }
            Optional<Pack> pack = own || damaged.contains(file) ? open(file) : Optional.empty();
            if (pack.isPresent() && (damaged.contains(file) || pack.get().size() < limits.small())) {
                parts.add(pack.get());
            }
        }
        if (parts.size() < 2 && old.isEmpty()) {
            return;
        }
        parts.forEach(part -> old.add(part.file()));
        Set<Path> written = new HashSet<>();
        Map<String, TensorSource> arrays = new TreeMap<>();
        long bytes = 0;
        for (Pack part : parts) {
            for (String digest : part.digests()) {
                Optional<TensorSource> source = part.source(digest);
                if (source.isPresent() && arrays.putIfAbsent(digest, source.get()) == null) {
                    bytes += source.get().byteSize();
                }
            }
            if (bytes >= limits.small()) {
                written.add(joined(arrays));
                bytes = 0;
            }
        }
        if (!arrays.isEmpty()) {
            written.add(joined(arrays));
        }
        old.removeAll(written);
        for (Path file : old) {
            Files.deleteIfExists(file);
        }
    }

    private Path joined(Map<String, TensorSource> arrays) throws IOException {
        Path file = Pack.write(folder, OWN + Pack.name(arrays.keySet()), arrays).file();
        arrays.clear();
        return file;
    }

    private void add(Pack pack) {
        packs.add(pack);
        pack.digests().forEach(digest -> index.put(digest, pack));
    }

    private Optional<Pack> open(Path file) throws IOException {
        try {
            return Optional.of(Pack.open(file));
        } catch (WeightsException e) {
            // Another process may have joined it to others since the folder was listed.
            if (!(e.getCause() instanceof NoSuchFileException)) {
                tell(file, "it is not whole; what was in it is encoded anew");
            }
            return Optional.empty();
        }
    }

    private void tell(Path file, String what) {
        if (damaged.add(file)) {
            says.accept(file + " is damaged: " + what);
        }
    }
}
