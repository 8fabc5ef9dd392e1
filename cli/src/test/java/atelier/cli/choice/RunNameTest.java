package atelier.cli.choice;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.file.FolderLock;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 9: a run is named after its data. */
class RunNameTest {
    @TempDir
    Path folder;

    private String named(String path) throws IOException {
        Path pairs = folder.resolve(path);
        if (path.matches(".*\\.(csv|jsonl)")) {
            Files.createDirectories(pairs.getParent());
            Files.writeString(pairs, "");
        } else {
            Files.createDirectories(pairs);
        }
        return RunName.ofData(pairs);
    }

    @Test
    void aGeneralNameGivesWayToTheFolderAroundIt() throws IOException {
        assertThat(named("harbour/captions.csv")).isEqualTo("harbour");
        assertThat(named("boats/train/metadata.jsonl")).isEqualTo("boats");
        assertThat(named("work/lighthouses.csv")).isEqualTo("lighthouses");
        assertThat(named("portraits")).isEqualTo("portraits");
        assertThat(named("v1.5")).isEqualTo("v1.5");
    }

    @Test
    void everyLanguageIsANameAndWhatFileSystemsRefuseIsNot() {
        assertThat(RunName.ofData(Path.of("/d/Fotos Sommer 2023.csv"))).isEqualTo("Fotos-Sommer-2023");
        assertThat(RunName.ofData(Path.of("/d/\u6c34\u5f69.csv"))).isEqualTo("\u6c34\u5f69");
        assertThat(RunName.ofData(Path.of("/d/\u0939\u093f\u0902\u0926\u0940.csv")))
                .isEqualTo("\u0939\u093f\u0902\u0926\u0940");
        // Written with a combining accent, as some systems do.
        assertThat(RunName.ofData(Path.of("/d/jose\u0301.csv"))).isEqualTo("jos\u00e9");
        assertThat(RunName.ofData(Path.of("/d/(cats: best!).csv"))).isEqualTo("cats-best");
        assertThat(RunName.ofData(Path.of("/d/" + "x".repeat(90) + ".csv"))).hasSize(40);
    }

    @Test
    void aSecondRunGetsANumber() throws IOException {
        assertThat(RunName.free("harbour", folder)).isEqualTo("harbour");
        Files.createDirectory(folder.resolve("harbour"));
        assertThat(RunName.free("harbour", folder)).isEqualTo("harbour-2");
        Files.createDirectory(folder.resolve("harbour-2"));
        assertThat(RunName.free("harbour", folder)).isEqualTo("harbour-3");
    }

    @Test
    void aRunThatWasRefusedDoesNotKeepItsName() throws IOException {
        Path refused = Files.createDirectory(folder.resolve("harbour"));
        Files.writeString(refused.resolve("ledger.csv"), "image,verdict\n");
        assertThat(RunName.free("harbour", folder)).isEqualTo("harbour");
        try (FolderLock written = new RunFolder(refused).hold("train")) {
            assertThat(RunName.free("harbour", folder)).isEqualTo("harbour-2");
        }
        Files.writeString(refused.resolve("metrics.csv"), "step,loss\n");
        assertThat(RunName.free("harbour", folder)).isEqualTo("harbour-2");
    }
}
