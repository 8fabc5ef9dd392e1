package atelier.diffusion.weights.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.weights.safetensors.SafetensorsHeader.Malformed;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever stands in a header: what is accepted covers the file's data exactly and is what the JSON says; all else is refused. */
class SafetensorsHeaderFuzzTest {
    private static final Path INPUTS =
            Path.of("src/test/resources/atelier/diffusion/weights/safetensors/SafetensorsHeaderFuzzTestInputs/header");
    /** How many bytes follow each of the headers. */
    private static final int DATA = 25;

    @FuzzTest(maxDuration = "2m")
    void header(byte[] bytes) throws IOException {
        SafetensorsHeader header;
        try {
            header = SafetensorsHeader.parse(ByteBuffer.wrap(bytes), DATA);
        } catch (Malformed refused) {
            assertThat(refused.getMessage())
                    .matches("(?s)(its (header|tensors)|the entry of|something|__metadata__|').*");
            return;
        }
        JsonNode root = new ObjectMapper().readTree(new String(bytes, StandardCharsets.UTF_8));
        assertThat(header.tensors()).hasSize(root.size() - (root.has("__metadata__") ? 1 : 0));
        long next = 0;
        for (SafetensorsHeader.Entry entry : header.tensors()) {
            JsonNode said = root.get(entry.name());
            assertThat(entry.begin()).isEqualTo(next);
            next += DType.byteSize(entry.dtype(), entry.shape());
            assertThat(entry.end()).isEqualTo(next);
            assertThat(said.get("dtype").textValue()).isEqualTo(entry.dtype().name());
            assertThat(longs(said.get("shape"))).isEqualTo(entry.shape());
            assertThat(longs(said.get("data_offsets"))).containsExactly(entry.begin(), entry.end());
        }
        assertThat(next).isEqualTo(DATA);
        header.metadata()
                .forEach((key, value) -> assertThat(
                                root.get("__metadata__").get(key).textValue())
                        .isEqualTo(value));
    }

    private static long[] longs(JsonNode array) {
        long[] values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).longValue();
        }
        return values;
    }

    private static List<byte[]> inputs() throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(INPUTS)) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }

    @Test
    void theInputsAreAccepted() throws Exception {
        for (byte[] input : inputs()) {
            assertThat(SafetensorsHeader.parse(ByteBuffer.wrap(input), DATA).tensors())
                    .isNotEmpty();
        }
    }

    @Test
    void damagedHeaders() throws IOException {
        List<byte[]> inputs = inputs();
        for (int seed = 0; seed < 6000; seed++) {
            Random random = new Random(seed);
            byte[] damaged = damaged(inputs.get(seed % inputs.size()), random);
            try {
                header(damaged);
            } catch (RuntimeException | StackOverflowError | AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", " + new String(damaged, StandardCharsets.ISO_8859_1) + ": " + e, e);
            }
        }
    }

    /** One to four bytes made digits, marks of JSON, or anything. */
    private static byte[] damaged(byte[] header, Random random) {
        String marks = "0123456789{}[],:\"-eE.\\ ";
        byte[] damaged = header.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            damaged[random.nextInt(damaged.length)] =
                    (byte) (random.nextBoolean() ? marks.charAt(random.nextInt(marks.length())) : random.nextInt(256));
        }
        return damaged;
    }

    @Test
    void headersCutShortAreRefused() throws IOException {
        for (byte[] input : inputs()) {
            for (int length = 0; length < input.length; length++) {
                byte[] cut = Arrays.copyOf(input, length);
                assertThatThrownBy(() -> SafetensorsHeader.parse(ByteBuffer.wrap(cut), DATA))
                        .isInstanceOf(Malformed.class);
            }
        }
    }
}
