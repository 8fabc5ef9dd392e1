package atelier.datasets.consent.list;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opt-out lists as spreadsheets and Python write them. */
class ListsOfOthersTest {
    @TempDir
    Path folder;

    private long table(String text, String charset) throws IOException {
        Path file = folder.resolve("list.csv");
        Files.write(file, text.getBytes(Charset.forName(charset)));
        try (DigestedLines lines = new DigestedLines(file)) {
            return new ManifestCsv(file, ',').read(lines, new Collected());
        }
    }

    // Field cases 15 and 17.
    @Test
    void tablesOfSpreadsheetsAreRead() throws IOException {
        for (String charset : new String[] {"UTF-8", "UTF-16LE", "UTF-16BE"}) {
            for (String separator : new String[] {",", ";", "\t"}) {
                String text = "\uFEFFkind,value\r\ncreator,Jos\u00e9 Ejemplo\r\ncreator,Ann Example\r\n";
                assertThat(table(text.replace(",", separator), charset)).isEqualTo(2);
            }
        }
        assertThatThrownBy(() -> table("name;value\na;b\n", "UTF-8"))
                .hasMessageContaining("is no name that an entry has");
    }

    // Field case 19.
    @Test
    void numbersThatPythonWritesWithoutAJsonFormArePassedOverOrNamed() throws IOException {
        ManifestJson manifest = new ManifestJson(folder.resolve("list.jsonl"));
        OptOutEntry entry = manifest.parse(
                "{\"kind\": \"creator\", \"value\": \"Ann Example\", \"x_score\": NaN, \"x_low\": -Infinity}", 1);
        assertThat(entry.value()).isEqualTo("Ann Example");
    }
}
