package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.Command;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.Help;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command against the configuration that is shipped for it. */
class CommandSettingsTest {
    private static final ConfigFolder FOLDER = new ConfigFolder(Path.of(System.getProperty("atelier.root")));

    static Stream<Command> commands() {
        return Commands.all().stream();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theShippedConfigurationHoldsEveryKeyAndNoOther(Command command) {
        // What nobody but the user can say.
        List<String> words = command.name().equals("generate") ? List.of("prompt=a fox") : List.of();
        Composition composition = new Composer(FOLDER).compose(command.configuration(), words);
        assertThat(composition.bind(command.settings())).isInstanceOf(command.settings());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpSaysTypeDefaultAndMeaningOfEveryKey(Command command) {
        Composition composition = new Composer(FOLDER).compose(command.configuration(), List.of());
        assertThat(Help.lines(composition, command.settings())).isNotEmpty().allSatisfy(line -> {
            assertThat(line.meaning()).as(line.key()).isNotBlank();
            assertThat(line.type()).as(line.key()).isNotBlank();
            assertThat(line.value()).as(line.key()).isNotEqualTo("(missing)");
        });
        assertThat(command.summary()).isNotBlank();
    }
}
