package atelier.cluster.engine;

import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone Spark cluster on this machine: a master and workers, each a process of its own, which listen on the loopback
 * address alone and serve nobody without the secret. They run the jars of this process.
 */
public final class LocalCluster {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String PROCESSES = "processes.json";
    private static final String SECRET = "secret";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LOOK_EVERY_MS = 100;
    private static final JsonMapper JSON = new JsonMapper();

    private LocalCluster() {}

    /**
     * A process of the cluster.
     *
     * @param started when, in milliseconds since 1970, which tells it from a later process of the same number
     */
    record Member(
            @JsonProperty("role") String role,
            @JsonProperty("pid") long pid,
            @JsonProperty("started") long started) {
        static Member of(String role, ProcessHandle process) {
            return new Member(role, process.pid(), begun(process));
        }

        private static long begun(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        }

        Optional<ProcessHandle> running() {
            return ProcessHandle.of(pid).filter(process -> process.isAlive() && begun(process) == started);
        }
    }

    /** What {@value #PROCESSES} holds. */
    record Started(
            @JsonProperty("master") String master,
            @JsonProperty("workers") int workers,
            @JsonProperty("processes") List<Member> processes) {
        boolean runs() {
            return !processes.isEmpty()
                    && processes.stream().allMatch(member -> member.running().isPresent());
        }
    }

    /** The settings with a master in the place of auto, and the secret of this machine's cluster where it is meant. */
    static ClusterSettings chosen(ClusterSettings settings) throws IOException {
        Optional<Started> started = read(settings.folder()).filter(Started::runs);
        if (settings.master().equals(ClusterSettings.AUTO)) {
            return started.isPresent() ? with(settings, started.get()) : settings.on("local[2]");
        }
        return settings.secretFile() == null
                        && started.isPresent()
                        && started.get().master().equals(settings.master())
                ? with(settings, started.get())
                : settings;
    }

    private static ClusterSettings with(ClusterSettings settings, Started started) {
        return new ClusterSettings(
                started.master(),
                started.workers(),
                settings.cores(),
                settings.memory(),
                settings.memoryOverhead(),
                settings.jars(),
                settings.folder(),
                settings.folder().resolve(SECRET),
                settings.spark());
    }

    /**
     * Starts a master and workers, and waits until the workers have found it.
     *
     * @return the master's address
     */
    public static String start(ClusterSettings settings, int workers) throws IOException, InterruptedException {
        Path folder = settings.folder().toAbsolutePath();
        if (read(folder).filter(Started::runs).isPresent()) {
            throw new WrongCommandException(
                    "cluster.folder", "the cluster of " + folder + " runs already", "end it with: cluster stop");
        }
        stop(folder);
        Files.createDirectories(folder);
        Secret.keep(folder); // executors' logs and working files lie in it
        Files.createDirectories(
                folder.resolve("home/jars")); // Spark looks for its jars there; they are on the class path
        String secret = Secret.make();
        Secret.write(folder.resolve(SECRET), secret);
        Path properties = folder.resolve("spark.conf");
        Secret.write(properties, properties(secret));
        int port = freePort();
        int page = freePort();
        String master = "spark://" + LOOPBACK + ":" + port;
        List<Member> members = new ArrayList<>();
        try {
            members.add(launch(
                    folder,
                    Daemon.MASTER,
                    Daemon.MASTER,
                    List.of("--port", "" + port, "--webui-port", "" + page, "--properties-file", "" + properties)));
            record(folder, new Started(master, workers, members));
            await(folder, members, page, 0);
            for (int i = 1; i <= workers; i++) {
                members.add(
                        launch(folder, Daemon.WORKER, Daemon.WORKER + "-" + i, worker(settings, properties, master)));
                record(folder, new Started(master, workers, members));
            }
            await(folder, members, page, workers);
        } catch (IOException | InterruptedException | RuntimeException e) {
            stop(folder);
            throw e;
        }
        return master;
    }

    private static List<String> worker(ClusterSettings settings, Path properties, String master) {
        return List.of(
                "--cores",
                "" + settings.cores(),
                "--memory",
                settings.memory(),
                "--webui-port",
                "0",
                "--work-dir",
                "" + settings.folder().toAbsolutePath().resolve("work"),
                "--properties-file",
                "" + properties,
                master);
    }

    private static String properties(String secret) {
        Map<String, String> all = new TreeMap<>(Secret.settings(secret));
        all.put("spark.master.rest.enabled", "false");
        all.put("spark.ui.killEnabled", "false");
        all.put("spark.worker.cleanup.enabled", "true");
        return all.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Member launch(Path folder, String role, String name, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                "-Datelier.session=own"));
        Stream.of(JavaModuleOptions.defaultModuleOptionArray())
                .filter(option -> !option.startsWith("--add-modules")) // an incubator's module, of which Java warns
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Daemon.class.getName(), role));
        command.addAll(List.of("--host", LOOPBACK));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(folder.toFile());
        builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
        builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        return Member.of(name, builder.start().toHandle());
    }

    /** Waits until the master knows so many workers. */
    private static void await(Path folder, List<Member> members, int page, int workers)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (known(page) < workers) {
            for (Member member : members) {
                if (member.running().isEmpty()) {
                    throw new WorkFailedException(
                            "cluster start", "the " + member.role() + " ended", "read " + log(folder, member));
                }
            }
            if (System.nanoTime() > end) {
                throw new WorkFailedException(
                        "cluster start",
                        "the workers did not reach the master in " + PATIENCE.toSeconds() + " s",
                        "read " + log(folder, members.get(members.size() - 1)));
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    private static Path log(Path folder, Member member) {
        return folder.resolve(member.role() + ".log");
    }

    /** The workers that the master knows; -1 where it does not answer yet. */
    private static int known(int page) {
        try (var in =
                URI.create("http://" + LOOPBACK + ":" + page + "/json/").toURL().openStream()) {
            JsonNode answer = JSON.readTree(in);
            return answer.path("aliveworkers").asInt(-1);
        } catch (IOException e) {
            return -1;
        }
    }

    private static void record(Path folder, Started started) throws IOException {
        AtomicFile.write(folder.resolve(PROCESSES), JSON.writeValueAsBytes(started));
    }

    private static Optional<Started> read(Path folder) throws IOException {
        Path file = folder.resolve(PROCESSES);
        return Files.isRegularFile(file)
                ? Optional.of(JSON.readValue(Files.readAllBytes(file), Started.class))
                : Optional.empty();
    }

    /**
     * Ends the cluster of a folder, its executors too.
     *
     * @return how many processes ran
     */
    public static int stop(Path folder) throws IOException, InterruptedException {
        Optional<Started> started = read(folder);
        if (started.isEmpty()) {
            return 0;
        }
        Set<ProcessHandle> running = new HashSet<>();
        for (Member member : started.get().processes()) {
            member.running().ifPresent(process -> {
                process.descendants().forEach(running::add);
                running.add(process);
            });
        }
        running.forEach(ProcessHandle::destroy);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (running.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < end) {
            Thread.sleep(LOOK_EVERY_MS);
        }
        running.forEach(ProcessHandle::destroyForcibly);
        Files.deleteIfExists(folder.resolve(PROCESSES));
        Files.deleteIfExists(folder.resolve(SECRET));
        Files.deleteIfExists(folder.resolve("spark.conf"));
        return running.size();
    }
}
