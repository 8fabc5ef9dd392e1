package atelier.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.command.Invocation;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.common.error.WrongCommandException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions in this process. */
class ClusterSessionTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final PrintStream ERR = System.err;

    /** The keys of cluster start. */
    record Settings(ClusterSettings cluster, int workers) {}

    @TempDir
    Path folder;

    private Composition composition(String... words) {
        return new Composer(new ConfigFolder(ROOT)).compose("cluster_start", List.of(words));
    }

    private static Invocation invocation(Composition composition) {
        return new Invocation(ROOT, composition, System.out, System.err, false);
    }

    @Test
    void eachTaskOfASessionInThisProcessReadsTheCommandsSettings() throws Exception {
        Composition composition = composition("cluster.folder=" + folder, "workers=7", "cluster.master=local[2]");
        Settings settings = composition.bind(Settings.class);
        ExecutorSettings sent = ExecutorSettings.of(invocation(composition), Settings.class);
        try (ClusterSession session = ClusterSession.open(ROOT, settings.cluster(), "test", Map.of(), ERR)) {
            List<Integer> numbers = IntStream.range(0, 10).boxed().toList();
            int sum = session.context()
                    .parallelize(numbers, 4)
                    .map(number -> number * sent.bind(Settings.class).workers())
                    .reduce(Integer::sum);
            assertThat(sum).isEqualTo(45 * 7);
            assertThat(session.context().getConf().get("spark.ui.enabled")).isEqualTo("false");
            assertThat(session.context().getConf().get("spark.driver.bindAddress"))
                    .isEqualTo("127.0.0.1");
            assertThat(session.tables().range(1000).count()).isEqualTo(1000);
        }
    }

    @Test
    void withoutAStartedClusterAutoIsTwoThreadsOfThisProcess() throws Exception {
        Settings settings = composition("cluster.folder=" + folder).bind(Settings.class);
        assertThat(LocalCluster.chosen(settings.cluster()).master()).isEqualTo("local[2]");
    }

    @Test
    void settingsForExecutorsAreMadeOfTheKeysAndSparksOwnWinOverThem() throws Exception {
        ClusterSettings settings = composition(
                        "cluster.master=spark://10.0.0.1:7077",
                        "cluster.executors=3",
                        "cluster.cores=4",
                        "cluster.jars=" + folder,
                        "cluster.spark=[spark.executor.memoryOverhead=4g]")
                .bind(Settings.class)
                .cluster();
        assertThat(ClusterSession.configuration(ROOT, settings, "x", Map.of("spark.task.cpus", "4"))
                        .getAll())
                .extracting(pair -> pair._1 + "=" + pair._2)
                .contains(
                        "spark.cores.max=12",
                        "spark.executor.cores=4",
                        "spark.executor.memoryOverhead=4g",
                        "spark.executor.extraClassPath=" + folder + "/*",
                        "spark.executorEnv.OMP_NUM_THREADS=4",
                        "spark.task.cpus=4")
                .noneMatch(pair -> pair.startsWith("spark.driver.host"));
    }

    @Test
    void aSecretThatOthersCanReadIsRefused() throws Exception {
        Path file = folder.resolve("secret");
        Secret.write(file, Secret.make() + "\n");
        ClusterSettings settings =
                composition("cluster.secret_file=" + file).bind(Settings.class).cluster();
        assertThat(Secret.of(settings)).hasSize(64);
        assertThat(file.toFile().setReadable(true, false)).isTrue();
        assertThatThrownBy(() -> Secret.of(settings))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("others than its owner can read")
                .hasMessageContaining("chmod 600");
    }
}
