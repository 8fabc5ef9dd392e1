package atelier.common.work;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work on a thread of its own, which is waited for whatever happens meanwhile. For use by the thread that starts it.
 *
 * @param <V> what the work gives
 */
public final class BackgroundTask<V> implements Closeable {
    private final FutureTask<V> task;
    private boolean asked;

    private BackgroundTask(FutureTask<V> task) {
        this.task = task;
    }

    /** @param name the thread's */
    public static <V> BackgroundTask<V> start(String name, Callable<V> work) {
        FutureTask<V> task = new FutureTask<>(work);
        new Thread(task, name).start();
        return new BackgroundTask<>(task);
    }

    /**
     * Waits for the work.
     *
     * @throws IOException as the work does, each time
     */
    public V result() throws IOException {
        asked = true;
        try {
            return Objects.requireNonNull(Uninterruptibles.getUninterruptibly(task));
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            Throwables.throwIfInstanceOf(cause, IOException.class);
            Throwables.throwIfUnchecked(cause);
            throw new IllegalStateException(cause);
        }
    }

    /** Waits for the work; throws as it does, if nobody has asked for its result, who would know by now. */
    @Override
    public void close() throws IOException {
        if (!asked) {
            result();
        }
    }
}
