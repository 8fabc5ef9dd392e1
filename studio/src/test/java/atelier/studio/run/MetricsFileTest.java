package atelier.studio.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsFileTest {
    @TempDir
    Path runs;

    private MetricsFile file(int rows) throws IOException {
        return new MetricsFile(RunFolders.write(runs, "run" + rows, rows, rows).resolve("metrics.csv"));
    }

    @Test
    void aShortTableComesWhole() throws IOException {
        Metrics metrics = file(25).after(0);
        assertThat(metrics.columns()).startsWith("step", "loss").endsWith("validation");
        assertThat(metrics.rows()).hasSize(25);
        assertThat(metrics.thinned()).isFalse();
        assertThat(metrics.latest()).isEqualTo(25);
        assertThat(metrics.rows().get(1)[1]).isEqualTo(0.5);
        assertThat(metrics.rows().get(0)[6]).isNaN();
        assertThat(metrics.rows().get(9)[6]).isEqualTo(0.25);
    }

    @Test
    void rowsAfterAStepAreThoseOfLaterSteps() throws IOException {
        MetricsFile file = file(20_000);
        assertThat(file.after(19_998).rows()).extracting(row -> row[0]).containsExactly(19_999.0, 20_000.0);
        assertThat(file.after(20_000).rows()).isEmpty();
        assertThat(file.after(20_000).latest()).isEqualTo(20_000);
        assertThat(file.after(5).rows().get(0)[0]).isEqualTo(6.0);
    }

    @Test
    void aLongTableIsThinnedAndKeepsItsValidationsAndItsEnd() throws IOException {
        Metrics metrics = file(20_000).after(0);
        assertThat(metrics.thinned()).isTrue();
        assertThat(metrics.total()).isEqualTo(20_000);
        assertThat(metrics.rows()).hasSizeLessThan(4100);
        assertThat(metrics.rows()).filteredOn(row -> row[6] == 0.25).hasSize(2000);
        assertThat(metrics.rows().get(metrics.rows().size() - 1)[0]).isEqualTo(20_000.0);
    }

    @Test
    void aRowThatIsBeingWrittenIsNotReadYet() throws IOException {
        Path table = RunFolders.write(runs, "run", 3, 3).resolve("metrics.csv");
        Files.writeString(table, "4,0.1,1.0E-4", StandardOpenOption.APPEND);
        assertThat(new MetricsFile(table).after(0).latest()).isEqualTo(3);
        Files.writeString(table, ",0.5,2.0,0.1,\n", StandardOpenOption.APPEND);
        assertThat(new MetricsFile(table).after(3).rows()).hasSize(1);
    }

    @Test
    void aHundredThousandRowsAnswerWithin300Milliseconds() throws IOException {
        MetricsFile file = file(100_000);
        file.after(0);
        long start = System.nanoTime();
        assertThat(file.after(0).latest()).isEqualTo(100_000);
        // Eight times as long where other programs take the processors.
        assertThat((System.nanoTime() - start) / 1_000_000).isLessThan(8 * 300);
        System.out.println("100,000 rows: " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }

    @Test
    void noTableIsNoRows() throws IOException {
        Metrics metrics = new MetricsFile(runs.resolve("none.csv")).after(0);
        assertThat(metrics.rows()).isEmpty();
        assertThat(metrics.latest()).isZero();
    }
}
