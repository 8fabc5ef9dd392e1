package atelier.common.work;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The wish to stop: SIGINT, SIGTERM and SIGHUP, unless the process was started with them ignored. All work hears of it by
 * {@link #check}, which kernels, digests and writers call. Work that must be whole, such as a training step and the saving
 * after it, is done {@linkplain #holdOff held off}, and is waited for. What does not hear within two seconds is ended, files
 * that are unfinished removed; so the process ends with status 130 in any case. A second signal ends it at once.
 */
public final class StopSignal {
    private static final int INTERRUPTED = 130;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
    private static final long LONG_PATIENCE = TimeUnit.MINUTES.toNanos(10);
    private static final int[] SIGNALS = {1, 2, 15};

    private static final AtomicInteger HELD_OFF = new AtomicInteger();
    private static final List<Runnable> BEFORE_END = new CopyOnWriteArrayList<>();
    private static volatile boolean heard;
    private static volatile long free = System.nanoTime();

    private final CountDownLatch ended = new CountDownLatch(1);
    private final @Nullable PrintStream err;
    private final Thread hook = new Thread(this::stop, "stop-signal");

    private StopSignal(@Nullable PrintStream err) {
        this.err = err;
    }

    /**
     * Begins to listen: once in a process, by its main method.
     *
     * @param err told when the signal has come
     */
    public static StopSignal listen(PrintStream err) {
        StopSignal signal = new StopSignal(err);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    /** What is to be done before the process ends by a signal; it must not throw. */
    public static void beforeEnd(Runnable last) {
        BEFORE_END.add(last);
    }

    /** Whether work should stop at the next good moment. */
    public static boolean isHeard() {
        return heard;
    }

    /** @throws StoppedException when the signal has come, unless held off */
    public static void check() {
        if (heard && HELD_OFF.get() == 0) {
            throw new StoppedException();
        }
    }

    /** Does as a signal does, for programs that stop work themselves. */
    public static void raise() {
        heard = true;
    }

    /** Forgets a signal that {@link #raise} gave. */
    public static void forget() {
        heard = false;
    }

    /** Work that must be whole, from now until closed; it looks for the signal itself, by {@link #isHeard}. */
    public static HeldOff holdOff() {
        HELD_OFF.incrementAndGet();
        return () -> {
            free = System.nanoTime();
            HELD_OFF.decrementAndGet();
        };
    }

    /** Ends the holding off. */
    @FunctionalInterface
    public interface HeldOff extends AutoCloseable {
        @Override
        void close();
    }

    /** All work has ended: a signal that came is carried out now, and none that comes later is waited for. */
    public void ended() {
        ended.countDown();
        if (!heard) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The shutdown has begun in between: the hook finds the latch open.
                heard = true;
            }
        }
    }

    private void stop() {
        heard = true;
        NativeProcess.endAtNextSignal();
        long start = System.nanoTime();
        try {
            boolean told = false;
            while (!ended.await(50, TimeUnit.MILLISECONDS)) {
                boolean held = HELD_OFF.get() > 0;
                if (held && !told && err != null) {
                    err.println("stopping after this step; another signal ends at once, without saving");
                    told = true;
                }
                long since = held ? start : Math.max(start, free);
                if (System.nanoTime() - since > (held ? LONG_PATIENCE : PATIENCE)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        BEFORE_END.forEach(Runnable::run);
        NativeProcess.end(INTERRUPTED);
    }

    private static final class NativeProcess {
        private static final boolean KNOWN = register();

        private static boolean register() {
            try {
                if (!Platform.isWindows()) {
                    Native.register(NativeProcess.class, Platform.C_LIBRARY_NAME);
                    return true;
                }
            } catch (UnsatisfiedLinkError e) {
                // Java's own ways remain.
            }
            return false;
        }

        static native Pointer signal(int number, @Nullable Pointer action);

        static native void _exit(int status);

        /** Gives the signals back the system's own action, which ends the process. */
        static void endAtNextSignal() {
            if (KNOWN) {
                for (int number : SIGNALS) {
                    signal(number, null);
                }
            }
        }

        /** Ends without destructors: native threads may still compute with what these would take away. */
        static void end(int status) {
            if (KNOWN) {
                _exit(status);
            }
            Runtime.getRuntime().halt(status);
        }
    }
}
