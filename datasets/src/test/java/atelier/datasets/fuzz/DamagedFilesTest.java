package atelier.datasets.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small part of what {@link FuzzRun} does with a million. */
class DamagedFilesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void aDamagedImageIsAPictureOrAFinding() throws IOException {
        Subjects subjects = new Subjects(folder);
        for (String name : Subjects.IMAGES) {
            byte[] whole = Subjects.golden(name);
            assertThat(subjects.image(name, whole)).as(name).isTrue();
            for (int seed = 0; seed < 40; seed++) {
                byte[] damaged = Mutation.of(whole, seed);
                Assertions.assertTimeoutPreemptively(LIMIT, () -> subjects.image(name, damaged), name + " " + seed);
            }
        }
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
