package atelier.datasets.consent.conformance;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.list.KeySink;
import atelier.datasets.consent.list.OptOutManifest;
import atelier.datasets.hash.Pdq;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Feeds mutated manifests, XMP packets, JUMBF with CBOR and whole image files to their readers:
 * {@code inputs=1000000 seed=1 folder=SCRATCH}. Each must give a reading, an objection or a refusal. Anything else that
 * is thrown ends the run; an input that takes more than a second of the processor is reported. Both are kept. The last line
 * is JSON.
 */
public final class Fuzz {
    private static final long SLOW = 1_000_000_000L;
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
    private static final List<String> FILES = List.of(
            "pillow.jpg",
            "pillow.png",
            "pillow.webp",
            "vips.jpg",
            "vips.png",
            "vips.webp",
            "c2pa-not-allowed.jpg",
            "c2pa-not-allowed.png",
            "c2pa-not-allowed.webp",
            "pillow.tif");
    private static final String[] JSON_LINES = {
        "{\"id\":\"1\",\"kind\":\"domain\",\"value\":\"example.com\",\"subdomains\":true}\n",
        "{\"kind\":\"pdq\",\"value\":\"" + "0f".repeat(32) + "\",\"maxDistance\":20}\n",
        "{\"kind\":\"creator\",\"value\":\"Jane D\u00f6\",\"aliases\":[\"JD\",\"\u5bae\u5d0e\"]}\n",
        "{\"kind\":\"url\",\"value\":\"https://example.com/%7Ea/../b.png?x=1#y\"}\n",
    };
    private static final String TABLE = "kind,value,aliases,subdomains\ncreator,\"Jane \"\"D\"\" Doe\",JD|J,\nsha256,"
            + "ab".repeat(32) + ",,\ndomain,example.com,,true\nurl,https://example.com/a.png,,\n";
    private static final String REPLY =
            "{\"urls\":[{\"url\":\"https://example.com/a.png\",\"optOut\":true},{\"url\":\"x.org/b\",\"optOut\":false}]}";

    private final Random random;
    private final Map<String, Long> outcomes = new LinkedHashMap<>();
    private long slowest;

    private Fuzz(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        long inputs = Long.parseLong(options.getOrDefault("inputs", "10000"));
        Fuzz fuzz = new Fuzz(Long.parseLong(options.getOrDefault("seed", "1")));
        Path folder =
                options.containsKey("folder") ? Path.of(options.get("folder")) : Files.createTempDirectory("fuzz");
        long start = System.nanoTime();
        fuzz.run(inputs, folder);
        System.out.printf(
                "{\"inputs\": %d, \"outcomes\": %s, \"slowest_ms\": %.1f, \"seconds\": %.0f}%n",
                inputs,
                fuzz.outcomes.toString().replaceAll("([a-z ]+)=", "\"$1\": ").replace("\" ", "\""),
                fuzz.slowest / 1e6,
                (System.nanoTime() - start) / 1e9);
    }

    static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            options.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        return options;
    }

    private void run(long inputs, Path folder) throws IOException {
        List<byte[]> images = new ArrayList<>();
        for (String name : FILES) {
            try (InputStream in = Fuzz.class.getResourceAsStream("/atelier/datasets/consent/" + name)) {
                images.add(in.readAllBytes());
            }
        }
        for (long i = 0; i < inputs; i++) {
            // Manifests go through a file, which costs more than the reading: one in eight is enough of them.
            byte[] input = i % 8 == 0 ? manifest() : mutate(images.get(random.nextInt(images.size())));
            long before = CPU.getCurrentThreadCpuTime();
            try {
                if (i % 8 == 0) {
                    readManifest(folder, input);
                } else {
                    boolean objects = !EmbeddedSignals.of(input).objections().isEmpty();
                    count(objects ? "image objects" : "image silent");
                }
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                Path kept = Files.write(folder.resolve("failed-" + i), input);
                throw new IllegalStateException("input " + i + ", kept as " + kept, e);
            }
            long took = CPU.getCurrentThreadCpuTime() - before;
            slowest = Math.max(slowest, took);
            if (took > SLOW) {
                System.err.println("input " + i + " took " + took / 1_000_000 + " ms, kept as "
                        + Files.write(folder.resolve("slow-" + i), input));
            }
        }
    }

    private byte[] manifest() {
        return switch (random.nextInt(3)) {
            case 0 -> withName("j", mutate(String.join("", JSON_LINES).getBytes(StandardCharsets.UTF_8)));
            case 1 -> withName("c", mutate(TABLE.getBytes(StandardCharsets.UTF_8)));
            default -> withName("s", mutate(REPLY.getBytes(StandardCharsets.UTF_8)));
        };
    }

    private static byte[] withName(String kind, byte[] content) {
        byte[] named = new byte[content.length + 1];
        named[0] = (byte) kind.charAt(0);
        System.arraycopy(content, 0, named, 1, content.length);
        return named;
    }

    private void readManifest(Path folder, byte[] input) throws IOException {
        String name = input[0] == 'j' ? "list.jsonl" : input[0] == 'c' ? "list.csv" : "list.json";
        Path file = folder.resolve(name);
        Files.write(file, Arrays.copyOfRange(input, 1, input.length));
        try {
            new OptOutManifest(file).read(new Nothing());
            count("list read");
        } catch (RefusedException e) {
            if (!String.valueOf(e.getMessage()).matches("(?s).*( line \\d+: .*| is empty.*)")) {
                throw new IllegalStateException("a refusal names no line", e);
            }
            count("list refused");
        }
    }

    private void count(String outcome) {
        outcomes.merge(outcome, 1L, Long::sum);
    }

    /** One to eight changes: a bit, a byte, a run cut out, doubled or overwritten, or the end cut off. */
    private byte[] mutate(byte[] seed) {
        byte[] bytes = seed.clone();
        for (int changes = 1 + random.nextInt(8); changes > 0 && bytes.length > 8; changes--) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(bytes.length - at, 1 + random.nextInt(16));
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = joined(bytes, at, bytes, at + length);
                case 3 -> bytes = joined(bytes, at + length, bytes, at);
                case 4 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? 0xFF : 0));
                default -> bytes = random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] head, int end, byte[] tail, int from) {
        byte[] out = Arrays.copyOf(head, end + tail.length - from);
        System.arraycopy(tail, from, out, end, tail.length - from);
        return out;
    }

    private static final class Nothing implements KeySink {
        @Override
        public void url(Key128 key, long line) {}

        @Override
        public void sha256(Key128 key, long line) {}

        @Override
        public void domain(Key128 key, boolean subdomains, long line) {}

        @Override
        public void pdq(Pdq hash, int maxDistance, long line) {}

        @Override
        public void creator(String name, long line) {}

        @Override
        public void licence(String id, long line) {}
    }
}
