package atelier.diffusion.adapter.file;

import static atelier.diffusion.adapter.file.RandomAdapters.random;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterHashesTest {
    @TempDir
    Path folder;

    /** The hashes by their definition, on a file long enough to reach the stretch that the legacy hash covers. */
    @Test
    void hashesAreKohyas() throws Exception {
        Map<String, TensorSource> tensors = Map.of("lora_unet_x.lora_up.weight", random("long", 300, 1000));
        Map<String, String> metadata =
                Map.of("ss_output_name", "cats", "modelspec.sai_model_spec", "1.0.1", "other", "x");
        Map<String, String> all = AdapterHashes.with(tensors, metadata);
        Path file = folder.resolve("h.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("ss_output_name", "cats"));
        byte[] bytes = Files.readAllBytes(file);
        int data =
                8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String model = sha256(bytes, data, bytes.length);
        assertThat(all)
                .containsEntry("sshs_model_hash", model)
                .containsEntry(
                        "sshs_legacy_hash", sha256(bytes, 0x100000, 0x110000).substring(0, 8))
                .containsEntry("modelspec.hash_sha256", "0x" + model)
                .containsEntry("other", "x");
    }

    private static String sha256(byte[] bytes, int from, int to) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes, from, to - from);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The values are kohya's own functions'; the tensors repeat the formula of their generator. */
    @Test
    void hashesAreThoseThatKohyasFunctionsCompute() throws IOException {
        float[] values = new float[300_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) i * 7919 % 10007;
        }
        Map<String, TensorSource> tensors = Map.of(
                "lora_unet_x.lora_up.weight", TensorView.ofFloats(values, 300, 1000),
                "lora_unet_x.alpha", TensorView.ofFloats(new float[] {4}));
        Map<String, String> metadata =
                Map.of("ss_output_name", "cats", "ss_network_dim", "300", "modelspec.sai_model_spec", "1.0.1");
        Map<String, String> all = AdapterHashes.with(tensors, metadata);
        JsonNode golden = new ObjectMapper()
                .readTree(Path.of("src/test/resources/golden/kohya/hashes.json").toFile());
        for (String key : List.of("sshs_model_hash", "sshs_legacy_hash")) {
            assertThat(all.get(key)).isEqualTo(golden.get(key).asText());
        }
    }
}
