package atelier.diffusion.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Repeats an action and prints each repetition's seconds and the process's peak memory as the benchmarks read them. */
public final class Stopwatch {
    private Stopwatch() {}

    public static void report(int times, Runnable action) throws IOException {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            action.run();
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        String list =
                seconds.stream().map(s -> String.format(Locale.ROOT, "%.4f", s)).collect(Collectors.joining(", "));
        System.out.println("{\"seconds\": [" + list + "], \"peak_mib\": " + peakMebibytes() + "}");
    }

    /** The largest resident size since the start, as Linux counts it, mapped weights among them. */
    private static long peakMebibytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return 0;
    }
}
