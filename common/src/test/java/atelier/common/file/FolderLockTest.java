package atelier.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Field case 4: a run's folder is held. */
class FolderLockTest {
    @TempDir
    Path folder;

    /** Holds a folder until it is killed. */
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            FolderLock lock = FolderLock.toWrite(Path.of(arguments[0]), "train", "wait");
            System.out.println(lock.getClass().getSimpleName());
            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        }
    }

    @Test
    void aSecondWriterAndAReaderHearWhoHoldsIt() throws Exception {
        try (FolderLock lock = FolderLock.toWrite(folder, "train", "wait")) {
            assertThatThrownBy(() -> FolderLock.toWrite(folder, "train", "take another run.name"))
                    .isInstanceOf(WrongCommandException.class)
                    .hasMessageStartingWith(folder + " is in use by train (process "
                            + ProcessHandle.current().pid())
                    .hasMessageContaining(" since 20")
                    .hasMessageEndingWith("; take another run.name");
            assertThatThrownBy(() -> FolderLock.toRead(folder, "wait for it")).hasMessageEndingWith("; wait for it");
        }
        FolderLock.toWrite(folder, "train", "wait").close();
    }

    @Test
    void aWriterWaitsForAReader() throws Exception {
        FolderLock.toWrite(folder, "train", "wait").close();
        try (FolderLock lock = FolderLock.toRead(folder, "wait")) {
            assertThatThrownBy(() -> FolderLock.toWrite(folder, "train", "wait"))
                    .hasMessageContaining("is in use by a command that reads it; wait");
            assertThatThrownBy(() -> FolderLock.toMove(folder, "wait")).isInstanceOf(WrongCommandException.class);
        }
        FolderLock.toRead(folder.resolve("none"), "wait").close();
    }

    @Test
    void aProcessThatIsKilledLetsGo() throws Exception {
        Process holder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(holder.getInputStream().read()).isPositive();
            assertThatThrownBy(() -> FolderLock.toWrite(folder, "train", "wait"))
                    .hasMessageContaining("(process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor();
        }
        FolderLock.toWrite(folder, "train", "wait").close();
        assertThat(Files.exists(folder.resolve(FolderLock.NAME))).isTrue();
    }
}
