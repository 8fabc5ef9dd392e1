package atelier.trainer.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
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
        RunEnding.forget(run);
        assertThat(RunEnding.of(run)).as("while it goes on").isEmpty();
        assertThatThrownBy(() -> RunEnding.during(run, () -> {
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
        RunEnding.during(run, () -> {});
        assertThat(RunEnding.of(run)).contains(new RunEnding(RunEnding.Kind.DONE, ""));
    }

    @Test
    void aWrongCommandSaysNothingOfTheRun() throws Exception {
        RunFolder run = new RunFolder(folder);
        RunEnding.during(run, () -> {});
        WrongCommandException wrong = new WrongCommandException("optimizer.lr: saved 0.01, now 0.1");
        assertThatThrownBy(() -> RunEnding.during(run, () -> {
                    throw wrong;
                }))
                .isSameAs(wrong);
        assertThat(RunEnding.of(run)).contains(new RunEnding(RunEnding.Kind.DONE, ""));
    }

    @Test
    void whatSaysNothingOfAnEndIsNone() throws IOException {
        Files.writeString(new RunFolder(folder).ending(), "perhaps\n");
        assertThat(RunEnding.of(new RunFolder(folder))).isEmpty();
    }
}
