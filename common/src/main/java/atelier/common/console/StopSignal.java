package atelier.common.console;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns SIGINT and SIGTERM into a wish to stop: the loop sees it after the step at hand, saves, and the process then
 * ends with status 130. While the work runs, the virtual machine's shutdown waits for it.
 */
public final class StopSignal implements AutoCloseable {
    private static final int INTERRUPTED = 130;
    private static final long PATIENCE_SECONDS = 600;

    private final AtomicBoolean wanted = new AtomicBoolean();
    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "stop-signal");

    private StopSignal() {}

    /** Begins to listen. */
    public static StopSignal listen() {
        StopSignal signal = new StopSignal();
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** Whether the run should stop after the step at hand. */
    public boolean wanted() {
        return wanted.get();
    }

    private void await() {
        wanted.set(true);
        try {
            if (saved.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                Runtime.getRuntime().halt(INTERRUPTED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the listening; a shutdown that waits goes on. */
    @Override
    public void close() {
        saved.countDown();
        if (!wanted.get()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The shutdown has begun in between: the hook runs and finds the latch open.
                wanted.set(true);
            }
        }
    }
}
