package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.command.GatedTraining;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenamedKeysTest {
    private static final ConfigFolder FOLDER = new ConfigFolder(Path.of(System.getProperty("atelier.root")));

    @TempDir
    private Path folder;

    private static Composition compose(String command, String... words) {
        return new Composer(FOLDER).compose(command, List.of(words));
    }

    @ParameterizedTest
    @CsvSource({
        "train, train.full_unet=true, train.full_finetune",
        "train, adapter.start=a.safetensors, adapter.init_from",
        "train, objective.prediction=epsilon, objective.prediction_type",
        "generate, noise=cuda, rng",
        "generate, sigmas=karras, sigma_schedule",
        "generate, from=a.png, from_image",
        "generate, image=a.png, init_image"
    })
    void anOldKeyIsAnErrorThatNamesTheNewOne(String command, String word, String now) {
        assertThatThrownBy(() -> compose(command, word).check())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(word)
                .hasMessageContaining("is called " + now + " now");
    }

    @Test
    void theFolderOfAdaptersMayBeWrittenWithADot() throws IOException { // row 34: adapters is a list
        assertThat(compose("generate", "adapters.dir=a", "adapters=[b.safetensors]")
                        .path("adapters_dir")
                        .toString())
                .endsWith("a");
        Path file = Files.writeString(folder.resolve("dotted.conf"), "adapters.dir = a\n");
        assertThat(FOLDER.parse(file)).isEqualTo(ConfigFactory.parseString("adapters_dir = a"));
    }

    @Test
    void anOldKeyInAFileIsAnErrorThatNamesTheNewOne() throws IOException {
        Path configs = Files.createDirectories(folder.resolve("configs"));
        Files.writeString(configs.resolve("train.conf"), "limit = 1\nfrom = 2\n");
        Composition composed = new Composer(new ConfigFolder(folder)).compose("train", List.of());
        assertThatThrownBy(() -> composed.bind(Limit.class)).hasMessageContaining("is called from_image now");
    }

    record Limit(int limit, int fromImage) {}

    @Test
    void anEarlierRunsSettingsAreReadUnderTheNewNamesWithTheKeysThatCameLater() {
        assertThat(RenamedKeys.brought(
                        ConfigFactory.parseString("train { full_unet = true, gradient_checkpointing = false }")))
                .isEqualTo(
                        ConfigFactory.parseString(
                                "train { full_finetune = true, gradient_checkpointing = false, exact = false, stop_at = null }"));
    }

    @Test
    void licenseAndCenterAreReadAsLicenceAndCentre() throws IOException {
        GatedTraining settings =
                compose("train", "license.allow=[CC0-1.0]", "data.crop=center").bind(GatedTraining.class);
        assertThat(settings.training().licence().allow()).containsExactly("CC0-1.0");
        Path file = Files.writeString(folder.resolve("saved.conf"), "license { mode = open, allow = [] }\n");
        assertThat(FOLDER.parse(file).getString("licence.mode")).isEqualTo("open");
    }
}
