package atelier.datasets.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small part of what {@link FuzzRun} does with a million. */
class DamagedFilesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void theWholeImagesArePictures() throws IOException {
        Subjects subjects = new Subjects(folder);
        for (String name : Subjects.IMAGES) {
            assertThat(subjects.image(name, Subjects.golden(name))).as(name).isTrue();
        }
    }

    /** In a process of its own and little memory: native decoders also write to the standard error, and could crash. */
    @Test
    void aDamagedImageIsAPictureOrAFinding() throws Exception {
        int files = 40 * Subjects.IMAGES.size();
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Djava.awt.headless=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FuzzRun.class.getName(),
                        Integer.toString(files),
                        "0",
                        "images")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        assertThat(Files.readString(said))
                .contains(files + " files, ")
                .contains(" of them still read")
                .doesNotContain(" damaged with seed ");
    }

    @Test
    void aDamagedTableIsPairsOrAFinding() throws IOException {
        Subjects subjects = new Subjects(folder);
        for (String name : Subjects.tables()) {
            byte[] whole = Subjects.table(name);
            assertThat(subjects.pairs(name, whole)).as(name).isTrue();
            for (int seed = 0; seed < 150; seed++) {
                byte[] damaged = Mutation.of(whole, seed);
                Assertions.assertTimeoutPreemptively(LIMIT, () -> subjects.pairs(name, damaged), name + " " + seed);
            }
        }
    }
}
