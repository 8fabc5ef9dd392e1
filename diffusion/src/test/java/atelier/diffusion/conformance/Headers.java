package atelier.diffusion.conformance;

import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Damaged safetensors files. With folder=..., opens every file in it and prints which are accepted (out=a file of their
 * names). With count=..., damages a good header that many times in memory, writes each to scratch=a file and opens it:
 * anything but acceptance or a WeightsException ends the run.
 */
public final class Headers {
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "0",
        "-1",
        "1e9",
        "18446744073709551616",
        "9223372036854775807",
        "4294967296",
        "\"F32\"",
        "\"F64\"",
        "\"F4\"",
        "\"shape\"",
        "\"data_offsets\"",
        "\"dtype\"",
        "null",
        "true",
        "\\u0000",
        "\\ud800",
        " ",
        "\u00ff",
        "__metadata__",
        "[[[[",
        "{\"a\":{\"a\":"
    };

    private Headers() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        if (options.containsKey("folder")) {
            sort(Path.of(options.get("folder")), Path.of(options.get("out")));
            return;
        }
        damage(
                Integer.parseInt(options.get("count")),
                Long.parseLong(options.getOrDefault("seed", "1")),
                Path.of(options.get("scratch")));
    }

    private static void sort(Path folder, Path out) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<String> accepted = files.filter(Headers::accepted)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
            Files.write(out, accepted);
        }
    }

    private static boolean accepted(Path file) {
        try {
            SafetensorsFile.open(file);
            return true;
        } catch (WeightsException refused) {
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void damage(int count, long seed, Path scratch) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        String good = "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":"
                + "[0,24]},\"b\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[24,32]},\"c\":{\"dtype\":\"U8\","
                + "\"shape\":[],\"data_offsets\":[32,33]}}";
        int accepted = 0;
        long slowest = 0;
        for (int i = 0; i < count; i++) {
            byte[] header = mutated(good, random);
            int data = random.nextInt(10) == 0 ? random.nextInt(64) : 33;
            long length = random.nextInt(20) == 0 ? random.nextLong() : header.length;
            ByteBuffer file = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
            Files.write(scratch, file.putLong(length).put(header).array());
            long start = System.nanoTime();
            accepted += accepted(scratch) ? 1 : 0;
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        System.out.println(
                "{\"count\": " + count + ", \"accepted\": " + accepted + ", \"slowest_ms\": " + slowest / 1_000_000
                        + ", \"heap_mib\": " + Runtime.getRuntime().maxMemory() / (1 << 20) + "}");
    }

    private static byte[] mutated(String good, SplittableRandom random) {
        StringBuilder text = new StringBuilder(good);
        int edits = random.nextInt(4);
        for (int edit = 0; edit < edits; edit++) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                case 3 ->
                    text.replace(
                            at,
                            Math.min(text.length(), at + 1 + random.nextInt(12)),
                            PIECES[random.nextInt(PIECES.length)]);
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(60))));
            }
            if (text.isEmpty()) {
                text.append('{');
            }
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (int flips = random.nextInt(3); flips > 1 && bytes.length > 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }
}
