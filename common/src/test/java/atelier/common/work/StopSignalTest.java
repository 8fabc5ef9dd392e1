package atelier.common.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.file.AtomicFile;
import atelier.common.file.Unfinished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopSignalTest {
    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        StopSignal.forget();
    }

    @Test
    void workThatIsHeldOffIsWhole() {
        StopSignal.check();
        StopSignal.raise();
        assertThat(StopSignal.isHeard()).isTrue();
        try (StopSignal.HeldOff whole = StopSignal.holdOff()) {
            StopSignal.check();
        }
        assertThatThrownBy(StopSignal::check).isInstanceOf(StoppedException.class);
    }

    @Test
    void aFileThatIsStoppedKeepsItsOldContent() throws IOException {
        Path file = Files.writeString(folder.resolve("a.txt"), "old");
        StopSignal.raise();
        assertThatThrownBy(() -> AtomicFile.write(file, "new")).isInstanceOf(StoppedException.class);
        assertThat(file).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void whatIsUnfinishedGoesWithItsContent() throws IOException {
        Path part = Files.createDirectories(folder.resolve("part/inner"));
        Files.writeString(part.resolve("half"), "half");
        Path moved = Files.writeString(folder.resolve("moved"), "whole");
        try (Unfinished first = Unfinished.at(folder.resolve("part"));
                Unfinished second = Unfinished.at(moved)) {
            Files.move(moved, folder.resolve("place"));
            Unfinished.removeAll();
            assertThat(folder.resolve("part")).doesNotExist();
        }
        assertThat(folder.resolve("place")).hasContent("whole");
    }
}
