package atelier.studio;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.Commands;
import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import atelier.cli.moving.MovingPage;
import atelier.cli.reference.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page docs/reference.md, with the commands of all modules, which is written by this test where {@code -Datelier.write=true} asks for it. */
class ReferenceTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));

    static String reference() {
        ConfigFolder folder = new ConfigFolder(ROOT);
        Composer composer = new Composer(folder);
        List<Reference.Page> pages = Commands.all().stream()
                .map(command -> new Reference.Page(
                        command.name(),
                        command.summary(),
                        composer.compose(command.configuration(), List.of()),
                        command.settings()))
                .toList();
        return Reference.markdown(folder, pages);
    }

    @Test
    void theReferenceIsCurrent() throws IOException {
        Path page = ROOT.resolve("docs/reference.md");
        String now = reference();
        if (Boolean.getBoolean("atelier.write")) {
            Files.writeString(page, now);
        }
        assertThat(page)
                .as("docs/reference.md differs from the settings; write it anew:"
                        + " mvn -pl studio -am test -Dtest=ReferenceTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Datelier.write=true")
                .hasContent(now);
    }

    @Test
    void thePageForThoseWhoComeFromOtherTrainersIsCurrent() throws IOException {
        Path page = ROOT.resolve("docs/moving.md");
        if (Boolean.getBoolean("atelier.write")) {
            Files.writeString(page, MovingPage.text());
        }
        assertThat(page)
                .as("docs/moving.md differs from the tables of keys; write it anew as docs/reference.md")
                .hasContent(MovingPage.text());
    }

    @Test
    void sectionsOfSeveralCommandsAreDescribedOnce() {
        String page = reference();
        assertThat(page)
                .containsOnlyOnce("| `data.resolution` |")
                .containsOnlyOnce("| `audit.level` |")
                .containsOnlyOnce("\n### data\n")
                .contains("[data](#data)", "[optimizer](#train-optimizer)", "\n### train: optimizer\n");
    }

    @Test
    void theReferenceHoldsEveryKeyWithItsChoicesDefaultAndMeaning() {
        assertThat(reference())
                .contains("| `adapter.rank` | whole number | `16` | Rank of the update.")
                .contains("| `licence.mode` | open, licensed | `licensed` | ")
                .contains("\n#### optimizer.prodigy\n")
                .contains("| `pissa` | PiSSA: LoRA initialised with");
    }
}
