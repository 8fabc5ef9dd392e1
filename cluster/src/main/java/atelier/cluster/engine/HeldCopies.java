package atelier.cluster.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * What a process loads once and its tasks use one after another, such as a model: as many copies as tasks run at once, one
 * in an executor whose tasks take all its cores. It ends with the process, or in {@link #close}.
 *
 * @param <T> what is held
 */
public final class HeldCopies<T extends AutoCloseable> implements AutoCloseable {
    private final Opener<T> opener;
    private final Map<ExecutorSettings, Deque<T>> free = new HashMap<>();
    private int opened;

    /** @param opener loads a copy */
    public HeldCopies(Opener<T> opener) {
        this.opener = opener;
    }

    /**
     * Loads a copy.
     *
     * @param <T> what is held
     */
    @FunctionalInterface
    public interface Opener<T> {
        /** The caller closes it. */
        T open(ExecutorSettings settings) throws Exception;
    }

    /**
     * Uses a copy.
     *
     * @param <T> what is held
     * @param <R> what comes of it
     */
    @FunctionalInterface
    public interface Use<T, R> {
        /** Uses it, and leaves it as it can be used again. */
        R of(T copy) throws Exception;
    }

    /** Uses a free copy, or a new one where none is free. A copy whose use fails is not used again. */
    public <R> R with(ExecutorSettings settings, Use<T, R> use) throws Exception {
        T copy;
        synchronized (this) {
            copy = free.computeIfAbsent(settings, absent -> new ArrayDeque<>()).poll();
            opened += copy == null ? 1 : 0;
        }
        if (copy == null) {
            copy = opener.open(settings);
        }
        R result;
        try {
            result = use.of(copy);
        } catch (Exception | Error e) {
            copy.close();
            throw e;
        }
        synchronized (this) {
            free.computeIfAbsent(settings, absent -> new ArrayDeque<>()).add(copy);
        }
        return result;
    }

    /** How many copies this process has loaded. */
    public synchronized int opened() {
        return opened;
    }

    /** Closes all copies that are not in use. */
    @Override
    public synchronized void close() throws Exception {
        for (Deque<T> each : free.values()) {
            while (!each.isEmpty()) {
                each.remove().close();
            }
        }
        free.clear();
    }
}
