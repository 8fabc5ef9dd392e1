package atelier.cluster.engine;

import static atelier.common.error.Checks.check;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys {@code cluster.*}: where the work of a command runs.
 *
 * @param master a Spark master, or auto: the cluster of {@code folder} if it runs, else local[2]
 * @param executors of a cluster that is not this process
 * @param cores of an executor
 * @param memory Java heap of an executor, as Spark writes it: 512m, 2g
 * @param memoryOverhead memory of an executor beside its heap, written alike
 * @param jars folder of jars on the executors' machines; null for this process' own class path
 * @param folder of the cluster that {@code cluster start} starts
 * @param secretFile holds the secret of a standalone cluster; null where it has none
 * @param spark more settings, each {@code key=value}
 */
public record ClusterSettings(
        String master,
        int executors,
        int cores,
        String memory,
        String memoryOverhead,
        @Nullable Path jars,
        Path folder,
        @Nullable Path secretFile,
        List<String> spark) {
    static final String AUTO = "auto";
    private static final Pattern MASTER = Pattern.compile(
            "auto|local(\\[(\\*|\\d+)(,\\d+)?])?|local-cluster\\[\\d+,\\d+,\\d+]|spark://\\S+:\\d+|yarn|k8s://\\S+");
    private static final Pattern MEMORY = Pattern.compile("\\d+[mg]");

    public ClusterSettings {
        check(
                MASTER.matcher(master).matches(),
                "cluster.master must be auto, local[N], spark://HOST:PORT, yarn or k8s://https://HOST:PORT, got '%s'",
                master);
        check(executors > 0, "cluster.executors must be at least 1, got %s", executors);
        check(cores > 0, "cluster.cores must be at least 1, got %s", cores);
        check(MEMORY.matcher(memory).matches(), "cluster.memory must be a size such as 1g or 512m, got '%s'", memory);
        check(
                MEMORY.matcher(memoryOverhead).matches(),
                "cluster.memory_overhead must be a size such as 1g or 512m, got '%s'",
                memoryOverhead);
        spark = List.copyOf(spark);
        for (String each : spark) {
            check(
                    each.startsWith("spark.") && each.indexOf('=') > 0,
                    "cluster.spark must hold settings such as spark.task.maxFailures=8, got '%s'",
                    each);
        }
    }

    /** {@link #spark} as a map. */
    Map<String, String> sparkByKey() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String each : spark) {
            int equals = each.indexOf('=');
            map.put(
                    each.substring(0, equals).strip(),
                    each.substring(equals + 1).strip());
        }
        return map;
    }

    /** The same settings with another master. */
    ClusterSettings on(String other) {
        return new ClusterSettings(other, executors, cores, memory, memoryOverhead, jars, folder, secretFile, spark);
    }
}
