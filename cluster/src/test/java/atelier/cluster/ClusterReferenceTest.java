package atelier.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.Commands;
import atelier.cli.command.Command;
import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.Help;
import atelier.cli.reference.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of this module against their configuration, and the page docs/cluster-reference.md, as docs/reference.md is for the others. */
class ClusterReferenceTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final ConfigFolder FOLDER = new ConfigFolder(ROOT);

    static List<Command> commands() {
        return Commands.all().stream()
                .filter(command -> command.name().startsWith("cluster "))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theShippedConfigurationHoldsEveryKeyAndNoOther(Command command) {
        var composition = new Composer(FOLDER).compose(command.configuration(), List.of());
        assertThat(composition.bind(command.settings())).isInstanceOf(command.settings());
        assertThat(Help.lines(composition, command.settings()))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.meaning()).as(line.key()).isNotBlank());
        assertThat(command.summary()).isNotBlank();
    }

    @Test
    void theReferenceIsCurrent() throws IOException {
        Composer composer = new Composer(FOLDER);
        List<Reference.Page> pages = commands().stream()
                .map(command -> new Reference.Page(
                        command.name(),
                        command.summary(),
                        composer.compose(command.configuration(), List.of()),
                        command.settings()))
                .toList();
        String now = Reference.markdown(FOLDER, pages)
                .replaceFirst(
                        "^# Reference\nEvery command with its settings\\.",
                        "# Reference: cluster\n"
                                + "The commands of [cluster.md](cluster.md) with their settings; the others are in"
                                + " [reference.md](reference.md).");
        Path page = ROOT.resolve("docs/cluster-reference.md");
        if (Boolean.getBoolean("atelier.write")) {
            Files.writeString(page, now);
        }
        assertThat(page)
                .as("docs/cluster-reference.md differs from the settings; write it anew: mvn -Pcluster -pl cluster"
                        + " -am test -Dtest=ClusterReferenceTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Datelier.write=true")
                .hasContent(now);
    }
}
