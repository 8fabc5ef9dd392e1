package atelier.diffusion.tensor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the time goes, kernel by kernel: switched on by the system property {@code atelier.profile}, printed when the
 * kernels are closed. Wall time, and the calling thread's processor time, which a busy machine does not blur (with one
 * OpenMP thread it is all of it).
 */
final class KernelProfile {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Map<String, Line> lines = new TreeMap<>();

    private static final class Line {
        long calls;
        long wall;
        long processor;
    }

    /** Marks the start of a call. */
    static long[] start() {
        return new long[] {System.nanoTime(), THREADS.getCurrentThreadCpuTime()};
    }

    synchronized void add(String kernel, long[] start) {
        Line line = lines.computeIfAbsent(kernel, name -> new Line());
        line.calls++;
        line.wall += System.nanoTime() - start[0];
        line.processor += THREADS.getCurrentThreadCpuTime() - start[1];
    }

    /** A table, most expensive first. */
    synchronized String table() {
        StringBuilder table = new StringBuilder(
                String.format(Locale.ROOT, "%-28s %8s %12s %12s%n", "kernel", "calls", "wall ms", "processor ms"));
        lines.entrySet().stream()
                .sorted((a, b) -> Long.compare(b.getValue().processor, a.getValue().processor))
                .forEach(entry -> table.append(String.format(
                        Locale.ROOT,
                        "%-28s %8d %12.1f %12.1f%n",
                        entry.getKey(),
                        entry.getValue().calls,
                        entry.getValue().wall / 1e6,
                        entry.getValue().processor / 1e6)));
        return table.toString();
    }
}
