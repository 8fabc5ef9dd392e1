package atelier.common.console;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar over all pictures' steps with the time left, where someone watches. */
public final class DrawingBar implements AutoCloseable {
    private static final int WIDTH = 100;
    private static final int REFRESH_MILLIS = 250;
    /** Pictures may take different numbers of steps: each counts as a hundred. */
    private static final int PARTS = 100;

    private final PrintStream out;
    private final boolean terminal;
    private @Nullable ProgressBar bar;

    public DrawingBar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    public void at(int picture, int pictures, int call, int calls) {
        if (!terminal) {
            return;
        }
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("draw")
                    .setInitialMax((long) pictures * PARTS)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                    .build();
        }
        bar.stepTo((long) picture * PARTS + (long) PARTS * call / calls);
        bar.setExtraMessage(" picture " + (picture + 1) + "/" + pictures + " step " + call + "/" + calls);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
