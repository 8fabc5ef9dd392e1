package atelier.diffusion.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.Golden;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Field case 19: configurations with NaN and Infinity, as Python writes them. */
class ConfigsOfPythonTest {
    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        Path source = Golden.model("sd1").source();
        try (Stream<Path> all = Files.walk(source)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                Path place = folder.resolve(source.relativize(file).toString());
                Files.createDirectories(place.getParent());
                Files.copy(file, place);
            }
        }
    }

    private void add(String file, String text) throws IOException {
        Path place = folder.resolve(file);
        String json = Files.readString(place);
        Files.writeString(place, json.substring(0, json.lastIndexOf('}')).strip() + ", " + text + "}");
    }

    @Test
    void numbersThatDoNotMatterMayBeAnything() throws IOException {
        add("scheduler/scheduler_config.json", "\"lambda_min_clipped\": -Infinity");
        add("unet/config.json", "\"_note\": NaN");
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertThat(checkpoint.schedulerConfig().get("lambda_min_clipped").doubleValue())
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void aNumberThatMattersIsNamed() throws IOException {
        add("vae/config.json", "\"scaling_factor\": NaN");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("vae/config.json: scaling_factor is NaN, where a number is needed");
    }
}
