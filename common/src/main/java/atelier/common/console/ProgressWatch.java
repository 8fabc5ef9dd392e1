package atelier.common.console;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Long work for who watches: a bar with the time left on a terminal, a line every ten seconds elsewhere. */
public final class ProgressWatch implements Progress.Listener, AutoCloseable {
    private static final int WIDTH = 100;
    private static final int REFRESH_MILLIS = 250;
    private static final double LINE_SECONDS = 10;

    private final String task;
    private final PrintStream out;
    private final boolean terminal;
    private final long begun = System.nanoTime();
    private double lastLine;
    private @Nullable ProgressBar bar;

    public ProgressWatch(String task, PrintStream out, boolean terminal) {
        this.task = task;
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void says(String line) {
        if (bar == null) {
            out.println(line);
        } else {
            bar.setExtraMessage(" " + line);
        }
    }

    @Override
    public void at(long done, long all) {
        if (terminal) {
            show(done, all);
            return;
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (seconds - lastLine >= LINE_SECONDS) {
            lastLine = seconds;
            long left = Math.round(seconds / done * (all - done));
            out.println(String.format(
                    Locale.ROOT, "%s: %d %%, %d:%02d left", task, 100 * done / all, left / 60, left % 60));
        }
    }

    private void show(long done, long all) {
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(all)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                    .build();
        }
        bar.maxHint(all);
        bar.stepTo(done);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
