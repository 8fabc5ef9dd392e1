package atelier.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.diffusion.weights.Checkpoint;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Field case 31: bases that end in one sentence, before anything is traced. */
class BaseKindTest {
    private static final Path MODELS = Path.of("src/test/resources/golden/models");

    @TempDir
    Path folder;

    private Checkpoint with(String model, String key, String value) throws IOException {
        Path copy = folder.resolve("copy");
        try (Stream<Path> files = Files.walk(MODELS.resolve(model))) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(MODELS.resolve(model).relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        Path config = copy.resolve("unet/config.json");
        ObjectNode unet = (ObjectNode) JsonText.mapper().readTree(config.toFile());
        JsonNode stated = JsonText.mapper().readTree(value);
        unet.set(key, stated);
        Files.write(config, JsonText.mapper().writeValueAsBytes(unet));
        return Checkpoint.open(copy);
    }

    @ParameterizedTest
    @CsvSource({
        "in_channels, 8, an instruct-pix2pix model",
        "in_channels, 5, a depth-to-image model",
        "in_channels, 7, an upscaling model",
        "class_embed_type, '\"projection\"', an unCLIP model",
    })
    void aModelThatTakesOtherInputsIsNamed(String key, String value, String kind) throws IOException {
        Checkpoint base = with("sd2", key, value);
        assertThatThrownBy(() -> BaseKind.requireDrawn(base))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining(" is " + kind)
                .hasMessageContaining("neither draws nor trains");
        assertThat(BaseKind.untrainable(base)).get().asString().contains(" is " + kind);
    }

    @Test
    void anInpaintingModelIsDrawnWithAndTrained() throws IOException {
        Checkpoint base = with("sd1", "in_channels", "9");
        assertThatCode(() -> BaseKind.requireDrawn(base)).doesNotThrowAnyException();
        assertThat(BaseKind.untrainable(base)).isEmpty();
        assertThat(BaseKind.isInpainting(base)).isTrue();
    }

    @Test
    void theRefinerIsNamed() throws IOException {
        Checkpoint xl = Checkpoint.open(MODELS.resolve("sdxl"));
        assertThat(BaseKind.untrainable(xl)).isEmpty();
        Path copy = folder.resolve("refiner");
        for (String part : new String[] {"unet", "vae", "text_encoder_2", "scheduler"}) {
            Files.createDirectories(copy.resolve(part));
            try (Stream<Path> files = Files.list(MODELS.resolve("sdxl").resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(part).resolve(file.getFileName()));
                }
            }
        }
        Files.writeString(copy.resolve("model_index.json"), "{\"text_encoder_2\": [\"transformers\", \"x\"]}");
        Checkpoint refiner = Checkpoint.open(copy);
        assertThatThrownBy(() -> BaseKind.requireDrawn(refiner)).hasMessageContaining("refiner");
        assertThat(BaseKind.untrainable(refiner)).isPresent();
    }
}
