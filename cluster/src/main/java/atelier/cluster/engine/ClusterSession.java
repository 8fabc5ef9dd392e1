package atelier.cluster.engine;

import atelier.common.error.WorkFailedException;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.LoggerFactory;

/**
 * A session with Spark. Nothing of it listens to a network other than the cluster's own: a session in this process, or with
 * a cluster on this machine, uses the loopback address alone, and no session opens Spark's web page.
 */
public final class ClusterSession implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    /** The launcher's settings of the native allocator, which executors need as much. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "LC_ALL", "C.UTF-8",
            "MALLOC_MMAP_THRESHOLD_", "67108864",
            "MALLOC_TRIM_THRESHOLD_", "4294967296",
            "MALLOC_TOP_PAD_", "16777216",
            "MALLOC_ARENA_MAX", "1",
            "GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0",
            "OPT_OUT_TRACKING", "true",
            "RUST_FLAVOR", "cpu",
            "SPARK_SCALA_VERSION", "2.13");

    /** A task's failure is told once, in a sentence, and not with each try's stack trace. Executors' own logs keep those. */
    private static final List<String> TOLD_BY_ATELIER = List.of(
            "org.apache.spark.executor.Executor",
            "org.apache.spark.scheduler.TaskSetManager",
            "org.apache.spark.TaskContextImpl",
            "org.apache.spark.SparkContext");

    private final SparkSession session;
    private final String master;

    private ClusterSession(SparkSession session, String master) {
        this.session = session;
        this.master = master;
    }

    /**
     * Connects.
     *
     * @param root the repository's root, the same path on all machines
     * @param name what Spark calls the work
     * @param job further settings of this kind of work; those of {@code cluster.spark} win over them
     * @param err told which master was chosen
     */
    public static ClusterSession open(
            Path root, ClusterSettings settings, String name, Map<String, String> job, PrintStream err)
            throws IOException {
        ClusterSettings chosen = LocalCluster.chosen(settings);
        if (settings.master().equals(ClusterSettings.AUTO)) {
            err.println("cluster.master: " + chosen.master());
        }
        SparkConf conf = configuration(root, chosen, name, job);
        TOLD_BY_ATELIER.forEach(ClusterSession::silence);
        try {
            return new ClusterSession(SparkSession.builder().config(conf).getOrCreate(), chosen.master());
        } catch (RuntimeException e) {
            throw new WorkFailedException(
                    "cluster.master=" + chosen.master() + ": no session could be opened (" + e.getMessage()
                            + "); check that the master runs and that cluster.secret_file names its secret",
                    e);
        }
    }

    private static void silence(String logger) {
        if (LoggerFactory.getLogger(logger) instanceof Logger log) {
            log.setLevel(Level.OFF);
        }
    }

    /** The settings of a session; visible for tests. */
    static SparkConf configuration(Path root, ClusterSettings settings, String name, Map<String, String> job)
            throws IOException {
        Map<String, String> all = new TreeMap<>();
        all.put("spark.master", settings.master());
        all.put("spark.app.name", name);
        all.put("spark.ui.enabled", "false");
        all.put("spark.ui.showConsoleProgress", "false");
        if (!settings.master().startsWith("local[")) {
            executors(root, settings, all);
        }
        if (isOnThisMachine(settings)) {
            all.put("spark.driver.host", LOOPBACK);
            all.put("spark.driver.bindAddress", LOOPBACK);
        }
        String secret = Secret.of(settings);
        if (secret != null) {
            Secret.settings(secret).forEach(all::put);
        }
        all.putAll(job);
        if (settings.master().startsWith("local[")) {
            // Threads of this process stand for executors of one core.
            all.remove("spark.task.cpus");
        }
        all.putAll(settings.sparkByKey());
        SparkConf conf = new SparkConf(false);
        all.forEach(conf::set);
        return conf;
    }

    private static void executors(Path root, ClusterSettings settings, Map<String, String> all) {
        all.put("spark.executor.instances", Integer.toString(settings.executors()));
        all.put("spark.executor.cores", Integer.toString(settings.cores()));
        all.put("spark.cores.max", Integer.toString(settings.executors() * settings.cores()));
        all.put("spark.executor.memory", settings.memory());
        all.put("spark.executor.memoryOverhead", settings.memoryOverhead());
        all.put("spark.executor.extraClassPath", classPath(settings));
        all.put(
                "spark.executor.extraJavaOptions",
                // Threads of libraries as many as the executor has cores, not as the machine has.
                "-XX:ActiveProcessorCount=" + settings.cores()
                        + " -XX:+UseSerialGC -XX:-UsePerfData -Djava.awt.headless=true -Dfile.encoding=UTF-8"
                        + " -Datelier.root="
                        + quoted(root.toAbsolutePath().normalize().toString()));
        ENVIRONMENT.forEach((key, value) -> all.put("spark.executorEnv." + key, value));
        for (String name : List.of("PYTORCH_LIBRARY_PATH", "PYTORCH_VERSION", "PYTORCH_FLAVOR")) {
            String value = System.getenv(name);
            if (value != null) {
                all.put("spark.executorEnv." + name, value);
            }
        }
        all.put("spark.executorEnv.OMP_NUM_THREADS", Integer.toString(settings.cores()));
        if (isOnThisMachine(settings)) {
            all.put("spark.executorEnv.SPARK_LOCAL_IP", LOOPBACK);
        }
    }

    private static String quoted(String text) {
        return text.contains(" ") ? "\"" + text + "\"" : text;
    }

    private static String classPath(ClusterSettings settings) {
        return settings.jars() == null
                ? System.getProperty("java.class.path")
                : settings.jars().toAbsolutePath() + "/*";
    }

    private static boolean isOnThisMachine(ClusterSettings settings) {
        return settings.master().startsWith("local") || settings.master().startsWith("spark://" + LOOPBACK + ":");
    }

    /** Spark's tables. */
    public SparkSession tables() {
        return session;
    }

    /** Spark's collections. */
    public JavaSparkContext context() {
        return JavaSparkContext.fromSparkContext(session.sparkContext());
    }

    /** The master that the session is with. */
    public String master() {
        return master;
    }

    @Override
    public void close() {
        session.stop();
    }
}
