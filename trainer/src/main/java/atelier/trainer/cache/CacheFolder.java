package atelier.trainer.cache;

import atelier.common.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The folder {@code train.cache_dir}: in it a folder for each kind of array and each encoder, named {@code KIND-DIGEST}. One
 * whose encoder is no longer used may be deleted.
 */
public final class CacheFolder implements AutoCloseable {
    private static final int DIGITS = 16;

    private final Path folder;
    private final Consumer<String> says;
    private final boolean shard;
    private final Map<String, TensorCache> open = new LinkedHashMap<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "cache");
        thread.setDaemon(true);
        return thread;
    });

    private CacheFolder(Path folder, Consumer<String> says, boolean shard) {
        this.folder = folder;
        this.says = says;
        this.shard = shard;
    }

    /** @param says told in a line of damaged files, and of those of earlier versions, which are not read */
    public static CacheFolder of(Path folder, Consumer<String> says) {
        CacheFolder cache = new CacheFolder(folder, says, false);
        // The last arrays of an epoch would otherwise wait until the run ends.
        Future<?> unused = cache.clock.scheduleWithFixedDelay(cache::flush, 1, 1, TimeUnit.MINUTES);
        if (cache.hasEarlierFiles()) {
            says.accept(folder + " holds the cache of an earlier version in folders named 00 to ff, which is not read;"
                    + " they may be deleted");
        }
        return cache;
    }

    /** A folder to which the arrays of one shard are added by {@link #write}; those that are in it are not looked for. */
    public static CacheFolder ofShard(Path folder) {
        return new CacheFolder(folder, line -> {}, true);
    }

    /**
     * The arrays of one kind and encoder.
     *
     * @param kind such as latents
     * @param encoder all that they have in common
     */
    public synchronized TensorCache of(String kind, String encoder) throws IOException {
        String name =
                kind + "-" + Sha256.of(encoder.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
        TensorCache known = open.get(name);
        if (known == null) {
            Path place = folder.resolve(name);
            known = shard ? TensorCache.shard(place, says) : TensorCache.open(place, TensorCache.Limits.USUAL, says);
            open.put(name, known);
        }
        return known;
    }

    /** Writes all that waits into one file of a name for each kind and encoder. */
    public synchronized void write(String name) throws IOException {
        for (TensorCache each : open.values()) {
            Optional<Path> ignored = each.write(name);
        }
    }

    /** Whether files of a name are there, whole, for each kind and encoder that was asked for. */
    public synchronized boolean has(String name) throws IOException {
        boolean all = !open.isEmpty();
        for (TensorCache each : open.values()) {
            all &= each.has(name);
        }
        return all;
    }

    /** Removes what processes that were killed left of files of these names, once none writes them any more. */
    public static void sweep(Path folder, Set<String> names) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder, 2)) {
            for (Path file : all.filter(each -> isPart(each, names)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static boolean isPart(Path file, Set<String> names) {
        String name = String.valueOf(file.getFileName());
        int end = name.indexOf(Pack.ENDING);
        return name.startsWith(".") && name.endsWith(".part") && end > 0 && names.contains(name.substring(1, end));
    }

    private synchronized void flush() {
        for (TensorCache each : open.values()) {
            try {
                each.flush();
            } catch (IOException e) {
                // Whoever puts more arrays, or closes this, meets the same fault.
                return;
            }
        }
    }

    private boolean hasEarlierFiles() {
        try (Stream<Path> all = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            return all.anyMatch(
                    each -> each.getFileName().toString().matches("[0-9a-f]{2}") && Files.isDirectory(each));
        } catch (IOException e) {
            // Whoever reads or writes in it next says what is wrong with it.
            return false;
        }
    }

    /** Writes what waits, all of it even where some cannot be. */
    @Override
    public synchronized void close() throws IOException {
        clock.shutdownNow();
        IOException first = null;
        for (TensorCache each : open.values()) {
            try {
                each.close();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        open.clear();
        if (first != null) {
            throw first;
        }
    }
}
