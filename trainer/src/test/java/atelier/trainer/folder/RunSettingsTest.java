package atelier.trainer.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunSettingsTest {
    /** The last is what a sweep calls its runs. */
    @ParameterizedTest
    @ValueSource(strings = {"demo", "Gouache 2", "été_1.2", "demo-optimizer.lr=1e-3_adapter=dora"})
    void aNameIsTheFolders(String name) {
        assertThat(new RunSettings(name, Path.of("runs")).folder()).isEqualTo(Path.of("runs", name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " demo", "../demo", "a/b", "=1", "a:b", "a,b"})
    void aNameThatIsNoFoldersIsRefused(String name) {
        assertThatExceptionOfType(WrongCommandException.class)
                .isThrownBy(() -> new RunSettings(name, Path.of("runs")))
                .withMessageContaining("run.name");
    }
}
