package atelier.cluster.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;

/** The processors that work is done on: unlike ones may take other kernels, whose last bits differ. */
public final class Processor {
    private final Set<String> seen = new TreeSet<>();

    /** This machine's, as the system names it. */
    public static String here() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        return System.getProperty("os.arch");
    }

    /** The executor that this is, as Spark names it. */
    public static String executor() {
        return SparkEnv.get().executorId();
    }

    /**
     * Takes note of a processor.
     *
     * @param says told of the first, and warned of each that is unlike
     */
    public void note(String name, Consumer<String> says) {
        if (!seen.add(name)) {
            return;
        }
        says.accept(
                seen.size() == 1
                        ? "executors compute on: " + name
                        : "warning: executors have unlike processors (" + String.join("; ", seen)
                                + "): the last bits of a result depend on which of them computed it");
    }
}
