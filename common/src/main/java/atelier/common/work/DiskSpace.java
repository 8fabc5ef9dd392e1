package atelier.common.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Waits with a write until the disk has room for it, so that long work need not end where room can be made. */
public final class DiskSpace {
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final int TOLD_AGAIN = 60;

    private final Path folder;
    private final Duration pause;
    private final Consumer<String> says;

    /**
     * @param folder on the disk that is written to
     * @param says told when it begins to wait, every ten minutes, and when it goes on
     */
    public DiskSpace(Path folder, Consumer<String> says) {
        this(folder, PAUSE, says);
    }

    DiskSpace(Path folder, Duration pause, Consumer<String> says) {
        this.folder = folder;
        this.pause = pause;
        this.says = says;
    }

    /** A write that may be done again from its beginning. */
    @FunctionalInterface
    public interface Write {
        void run() throws IOException;
    }

    /**
     * Writes; where the disk is full, again and again until it is not.
     *
     * @throws IOException when writing fails for another reason, or the signal to stop comes while waiting
     */
    public void write(Write write) throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                write.run();
                if (tries > 0) {
                    says.accept("there is room again: going on");
                }
                return;
            } catch (IOException e) {
                if (!isFull(e) || StopSignal.isHeard()) {
                    throw e;
                }
                if (tries % TOLD_AGAIN == 0) {
                    says.accept("the disk of " + folder + " is full (" + free()
                            + " MiB free): waiting until there is room;" + " free some, or stop with Ctrl-C");
                }
                await(e);
            }
        }
    }

    private void await(IOException full) throws IOException {
        long end = System.nanoTime() + pause.toNanos();
        while (System.nanoTime() < end) {
            try {
                Thread.sleep(Math.min(100, pause.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw full;
            }
            if (StopSignal.isHeard()) {
                throw full;
            }
        }
    }

    private long free() throws IOException {
        return Files.getFileStore(folder).getUsableSpace() >> 20;
    }

    /** Whether a write failed because the disk, or the user's share of it, is full. */
    public static boolean isFull(Throwable fault) {
        String words = String.valueOf(fault.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("no space left")
                || words.contains("quota exceeded")
                || words.contains("not enough space");
    }
}
