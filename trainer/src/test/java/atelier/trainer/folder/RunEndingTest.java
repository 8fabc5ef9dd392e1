package atelier.trainer.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunEndingTest {
    @TempDir
    Path folder;

    private RunEnding.Kind after(RuntimeException thrown) throws IOException {
        RunFolder run = new RunFolder(folder);
        assertThatThrownBy(() -> RunEnding.during(run, () -> {
                    assertThat(run.ending()).as("while it goes on").doesNotExist();
                    throw thrown;
                }))
                .isSameAs(thrown);
        return RunEnding.of(run).orElseThrow().kind();
    }

    @Test
    void aRunsFolderSaysHowItEnded() throws Exception {
        RunFolder run = new RunFolder(folder);
        assertThat(RunEnding.of(run)).isEmpty();
        assertThat(after(new InterruptedRunException(3, 9))).isEqualTo(RunEnding.Kind.STOPPED);
        assertThat(after(new RefusedException("list.csv line 7: Ada opted out")))
                .isEqualTo(RunEnding.Kind.REFUSED);
        assertThat(RunEnding.of(run).orElseThrow().message()).isEqualTo("list.csv line 7: Ada opted out");
        assertThat(after(new WorkFailedException("the disk is full"))).isEqualTo(RunEnding.Kind.FAILED);
        assertThat(after(new IllegalStateException())).isEqualTo(RunEnding.Kind.FAILED);
        RunEnding.during(run, () -> assertThat(run.ending()).doesNotExist());
        assertThat(RunEnding.of(run)).contains(new RunEnding(RunEnding.Kind.DONE, ""));
    }

    @Test
    void whatSaysNothingOfAnEndIsNone() throws IOException {
        Files.writeString(new RunFolder(folder).ending(), "perhaps\n");
        assertThat(RunEnding.of(new RunFolder(folder))).isEmpty();
    }
}
