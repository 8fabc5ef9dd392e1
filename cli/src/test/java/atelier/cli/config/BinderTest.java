package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinderTest {
    record Weighted(Path file, double weight) {
        static Weighted parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 0) {
                throw new WrongCommandException("'" + text + "' has no weight; write file:weight");
            }
            return new Weighted(Path.of(text.substring(0, colon)), Double.parseDouble(text.substring(colon + 1)));
        }
    }

    record Draw(Optional<Integer> seed, List<Weighted> adapters, Set<String> words, float scale, String name) {}

    record Outer(Draw draw) {}

    private static Outer bind(Path root, String text, String... words) throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/draw.conf"), text);
        return new Composer(new ConfigFolder(root))
                .compose("draw", List.of(words))
                .bind(Outer.class);
    }

    private static final String SOUND = """
            draw {
              seed = null
              adapters = [ "a.safetensors:0.8" ]
              words = [ one, two, one ]
              scale = 7
              name = 12
            }
            """;

    @Test
    void optionalSetsFloatsAndParsedClassesAreRead(@TempDir Path root) throws IOException {
        Draw draw = bind(root, SOUND, "draw.seed=3").draw();
        assertThat(draw.seed()).contains(3);
        assertThat(draw.adapters()).containsExactly(new Weighted(Path.of("a.safetensors"), 0.8));
        assertThat(draw.words()).containsExactly("one", "two");
        assertThat(draw.scale()).isEqualTo(7f);
        assertThat(draw.name()).isEqualTo("12");
        assertThat(bind(root, SOUND).draw().seed()).isEmpty();
    }

    @Test
    void whatAClassSaysAgainstItsTextIsNamedWithTheKey(@TempDir Path root) {
        assertThatThrownBy(() -> bind(root, SOUND, "draw.adapters=[a.safetensors]"))
                .hasMessage("override 'draw.adapters=[a.safetensors]': "
                        + "draw.adapters: 'a.safetensors' has no weight; write file:weight");
    }

    @Test
    void aKeyInAFileThatNoRecordKnowsIsNamedWithItsLine(@TempDir Path root) {
        assertThatThrownBy(() -> bind(root, SOUND.replace("scale = 7", "scale = 7\n  scael = 8")))
                .hasMessage("configs/draw.conf: 6: there is no key 'draw.scael'; did you mean draw.scale?");
    }

    @Test
    void aKeyThatNoFileSaysIsMissing(@TempDir Path root) {
        assertThatThrownBy(() -> bind(root, SOUND.replace("scale = 7", "")))
                .hasMessageContaining("configs/draw.conf: 1: draw.scale is missing");
    }

    @Test
    void aFileThatCannotBeParsedIsNamedWithItsLine(@TempDir Path root) {
        assertThatThrownBy(() -> bind(root, "draw {\n  seed = [1,\n}\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("configs/draw.conf: 3");
    }

    record Limits(int least, int most) {
        Limits {
            if (least > most) {
                throw new WrongCommandException("draw.least must not exceed draw.most, got " + least);
            }
        }
    }

    record Spread(String name, @InlineKeys Limits limits) {}

    record Whole(Spread draw) {}

    @Test
    void anInlineRecordReadsTheKeysOfTheSectionAroundIt(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/draw.conf"), "draw { name = x, least = 1, most = 2, mots = 3 }\n");
        Composer composer = new Composer(new ConfigFolder(root));
        Composition sound = composer.compose("draw", List.of("~draw.mots"));
        assertThatThrownBy(() -> sound.bind(Whole.class))
                .hasMessage("override '~draw.mots': there is no key 'draw.mots'; did you mean draw.most?");
        Files.writeString(root.resolve("configs/draw.conf"), "draw { name = x, least = 1, most = 2 }\n");
        assertThat(composer.compose("draw", List.of()).bind(Whole.class).draw().limits())
                .isEqualTo(new Limits(1, 2));
        assertThatThrownBy(
                        () -> composer.compose("draw", List.of("draw.least=3")).bind(Whole.class))
                .hasMessage("override 'draw.least=3': draw.least must not exceed draw.most, got 3");
    }

    @Test
    void componentsAndKeysMeetInSnakeCase() {
        assertThat(KeyNames.key("saveEvery")).isEqualTo("save_every");
        assertThat(KeyNames.key("beta1")).isEqualTo("beta1");
        assertThat(KeyNames.key("minSnrGamma")).isEqualTo("min_snr_gamma");
    }
}
