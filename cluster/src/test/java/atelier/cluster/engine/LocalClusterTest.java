package atelier.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.common.console.Progress;
import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers, each a process. */
class LocalClusterTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final PrintStream ERR = System.err;

    @TempDir
    static Path folder;

    private static ClusterSettings settings;
    private static String master;

    /** The keys of cluster start. */
    record Settings(ClusterSettings cluster, int workers) {}

    @BeforeAll
    static void start() throws Exception {
        settings = new Composer(new ConfigFolder(ROOT))
                .compose("cluster_start", List.of("cluster.folder=" + folder.resolve("cluster"), "cluster.memory=512m"))
                .bind(Settings.class)
                .cluster();
        master = LocalCluster.start(settings, 2);
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(LocalCluster.stop(settings.folder())).isGreaterThanOrEqualTo(3);
        assertThat(settings.folder().resolve("secret")).doesNotExist();
    }

    /** Halts the process that works on the middle input, the first time. */
    record HaltsOnce(String marker) implements Function<Integer, Integer> {
        @Override
        public Integer call(Integer input) throws IOException {
            if (input == 5 && Files.notExists(Path.of(marker))) {
                Files.createFile(Path.of(marker));
                Runtime.getRuntime().halt(17);
            }
            return input * input;
        }
    }

    @Test
    void anExecutorThatIsKilledIsReplacedAndTheResultIsWhole() throws Exception {
        Path marker = folder.resolve("halted");
        try (ClusterSession session = ClusterSession.open(ROOT, settings, "test", Map.of(), ERR)) {
            assertThat(session.master()).isEqualTo(master);
            List<Integer> inputs = IntStream.range(0, 10).boxed().toList();
            assertThat(new ClusterJob(session)
                            .run(inputs, new HaltsOnce(marker.toString()), input -> 1, Progress.silent()))
                    .containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64, 81);
            assertThat(marker).exists();
            assertThat(listening()).isNotEmpty().allMatch(address -> address.endsWith("0100007F"));
        }
    }

    /** The addresses on which the cluster's processes listen, as the kernel writes them. */
    private static Set<String> listening() throws IOException {
        Set<String> addresses = new TreeSet<>();
        List<ProcessHandle> processes = ProcessHandle.current().children().toList();
        for (ProcessHandle process : processes) {
            for (ProcessHandle each :
                    Stream.concat(Stream.of(process), process.descendants()).toList()) {
                addresses.addAll(listening(each.pid()));
            }
        }
        return addresses;
    }

    private static List<String> listening(long pid) throws IOException {
        List<String> sockets;
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            sockets = files.map(LocalClusterTest::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring(8, target.length() - 1))
                    .toList();
        }
        return Stream.of("tcp", "tcp6")
                .flatMap(table -> lines(Path.of("/proc/net/" + table)))
                .map(line -> line.strip().split("\\s+"))
                // State 0A listens; an IPv4 address in an IPv6 table ends as it stands in the other.
                .filter(words -> words.length > 9 && words[3].equals("0A") && sockets.contains(words[9]))
                .map(words -> words[1].split(":", -1)[0])
                .toList();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void whoLacksTheSecretIsRefused() throws Exception {
        URI address = URI.create(master);
        TransportConf plain = new TransportConf("rpc", MapConfigProvider.EMPTY);
        try (TransportContext stranger = new TransportContext(plain, new NoOpRpcHandler());
                TransportClientFactory clients = stranger.createClientFactory();
                TransportClient client = clients.createClient(address.getHost(), address.getPort())) {
            assertThatThrownBy(() -> client.sendRpcSync(ByteBuffer.wrap(new byte[16]), 10_000))
                    .hasStackTraceContaining("Expected SaslMessage, received something else");
        }
    }

    @Test
    void aSecondClusterOfTheSameFolderIsRefused() {
        assertThatThrownBy(() -> LocalCluster.start(settings, 1))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("runs already");
    }

    @Test
    void nobodyElseCanReadTheSecretOrTheLogs() throws IOException {
        assertThat(Files.getPosixFilePermissions(settings.folder().resolve("secret")))
                .hasSize(2);
        assertThat(Files.getPosixFilePermissions(settings.folder())).hasSize(3);
    }
}
