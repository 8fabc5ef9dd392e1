package atelier.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.ClusterWords;
import atelier.cli.command.ExitStatus;
import atelier.common.file.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Commands on a tiny random model and nine random pictures of 16 pixels. */
public final class TinyRuns {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final int SIDE = 16;
    /** Two processes of one core each, which the session starts and ends. */
    public static final String TWO_EXECUTORS = "local-cluster[2,1,1024]";

    private final Path folder;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    public TinyRuns(Path folder) throws IOException {
        this.folder = folder;
        Random random = new Random(5);
        List<String> rows = new ArrayList<>(List.of("image,caption,creator,licence,source"));
        for (int i = 0; i < 9; i++) {
            BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < SIDE * SIDE; p++) {
                picture.setRGB(p % SIDE, p / SIDE, random.nextInt(1 << 24));
            }
            ImageIO.write(picture, "png", folder.resolve(i + ".png").toFile());
            rows.add(i + ".png,picture " + i + ",Example Artist,CC0-1.0,https://example.org/" + i);
        }
        Files.write(folder.resolve("pairs.csv"), rows);
        Files.writeString(folder.resolve("optout.jsonl"), """
                {"id": "1", "kind": "domain", "value": "example.net", "subdomains": true}
                """);
        // Where processes that Spark starts look for its jars, which their class path has already.
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME")).resolve("jars"));
    }

    /** Runs a command, which must succeed; each of {@code keys} takes the place of the one of its name. */
    public void run(String command, String cache, String... keys) {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of(
                "model.path=" + ROOT.resolve("diffusion/src/test/resources/golden/models/sd1"),
                "device=cpu",
                "data.pairs=" + folder.resolve("pairs.csv"),
                "data.resolution=" + SIDE,
                "optout.manifests=[" + folder.resolve("optout.jsonl") + "]",
                "model.dtype=fp32",
                "adapter.rank=2",
                "train.batch_size=2",
                "train.gradient_accumulation=3",
                "train.steps=4",
                "train.save_every=2",
                "train.sample_every=0",
                "sample.prompts=[]",
                "export.merged=false",
                "train.cache_dir=" + folder.resolve(cache),
                "run.dir=" + folder.resolve("runs")));
        for (String key : keys) {
            String start = key.substring(0, key.indexOf('=') + 1);
            words.removeIf(word -> word.startsWith(start));
            words.add(key);
        }
        assertThat(words(words)).as(said()).isEqualTo(ExitStatus.DONE);
    }

    /** Runs a command as it is written. */
    public ExitStatus words(List<String> words) {
        said.reset();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        return ClusterWords.run(ROOT, words, stream);
    }

    /** What the last command said. */
    public String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    /** A run's folder. */
    public Path at(String name) {
        return folder.resolve("runs").resolve(name);
    }

    /** All that the last step left: parameters, and what the optimiser remembers. */
    public byte[] state(String name) throws IOException {
        return Files.readAllBytes(at(name).resolve("state/step-000004/state.safetensors"));
    }

    /** A cache's files with what is in them. */
    public Map<String, String> tree(String cache) throws IOException {
        Map<String, String> files = new TreeMap<>();
        Path root = folder.resolve(cache);
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                String name = root.relativize(file).toString();
                if (!name.startsWith("models/") && !name.startsWith("judged/")) {
                    files.put(name, Sha256.of(file));
                }
            }
        }
        return files;
    }

    /** Ends one executor as soon as it has begun what is waited for; joins its own thread when it is closed. */
    public Killer kill(BooleanSupplier begun) {
        return new Killer(begun);
    }

    /** Ends one executor of this process. */
    public static final class Killer implements AutoCloseable {
        private final Thread thread;
        private volatile boolean killed;

        private Killer(BooleanSupplier begun) {
            thread = new Thread(() -> watch(begun), "killer");
            thread.setDaemon(true);
            thread.start();
        }

        private void watch(BooleanSupplier begun) {
            try {
                while (!killed) {
                    if (begun.getAsBoolean()) {
                        killed = ProcessHandle.current()
                                .descendants()
                                .filter(each -> commandLine(each).contains("CoarseGrainedExecutorBackend"))
                                .findFirst()
                                .map(ProcessHandle::destroyForcibly)
                                .orElse(false);
                    }
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                // The command has ended.
            }
        }

        /** Whole, where Java gives none of one that is long. */
        private static String commandLine(ProcessHandle process) {
            try {
                return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return "";
            }
        }

        public boolean hasKilled() {
            return killed;
        }

        @Override
        public void close() throws InterruptedException {
            thread.interrupt();
            thread.join();
        }
    }
}
