package atelier.trainer.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelHashesTest {
    @TempDir
    Path folder;

    /** The values are kohya's own functions', scripts/conformance/weights/kohya_hashes.py; the bytes repeat its formula. */
    @Test
    void hashesOfABaseModelAreKohyas() throws IOException {
        byte[] bytes = new byte[0x120000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 % 251);
        }
        Path file = Files.write(folder.resolve("base.safetensors"), bytes);
        JsonNode golden = new ObjectMapper()
                .readTree(Path.of("src/test/resources/golden/kohya/model-hashes.json")
                        .toFile());
        assertThat(ModelHashes.of(file))
                .containsEntry(
                        "ss_sd_model_hash", golden.get("ss_sd_model_hash").asText())
                .containsEntry(
                        "ss_new_sd_model_hash",
                        golden.get("ss_new_sd_model_hash").asText());
        assertThat(ModelHashes.of(folder)).isEmpty();
    }
}
