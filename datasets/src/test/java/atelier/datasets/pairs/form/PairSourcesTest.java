package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.file.Sha256;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairSourcesTest {
    @TempDir
    Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void linesOfJsonAreReadAsDiffusersWritesThem() throws IOException {
        write("a.png", "x");
        write("b.png", "x");
        Path file = write(
                "metadata.jsonl",
                "{\"file_name\": \"a.png\", \"text\": \"a cat\", \"license\": \"CC0-1.0\", \"n\": 3}\n"
                        + "{\"file_name\": \"b.png\", \"caption\": [\"one\", \"two\"]}\n"
                        + "{\"file_name\": \"b.png\"\n"
                        + "{\"file_name\": \"c.png\", \"text\": \"gone\"}\n");
        PairList list = PairSources.open(file, folder).read();
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat", "one");
        assertThat(list.pairs().get(0).licence()).isEqualTo("CC0-1.0");
        assertThat(list.pairs().get(0).extra()).containsEntry("n", "3");
        assertThat(list.pairs().get(1).captions()).containsExactly("one", "two");
        assertThat(list.errors()).hasSize(2);
        assertThat(list.errors().get(0).message()).startsWith("metadata.jsonl line 3: is no JSON object");
        assertThat(list.errors().get(1).message()).startsWith("metadata.jsonl line 4: 'c.png' does not exist");
    }

    @Test
    void aFolderWithMetadataReportsImagesThatNoRowNames() throws IOException {
        write("a.png", "x");
        write("sub/b.png", "x");
        write("metadata.jsonl", "{\"file_name\": \"a.png\", \"text\": \"a cat\"}\n");
        PairList list = PairSources.open(folder, folder).read();
        assertThat(list.pairs()).hasSize(1);
        assertThat(list.errors())
                .extracting(Finding::message)
                .containsExactly("b.png: is named by no row of the folder's metadata; add a row or move it away");
    }

    @Test
    void sidecarsAndRepeatsAreReadAsSdScriptsHasThem() throws IOException {
        write("10_ink style/1.png", "x");
        write("10_ink style/1.txt", "first line\nsecond line\n");
        write("10_ink style/2.jpg", "x");
        write("plain/3.webp", "x");
        write("plain/3.caption", "a dog");
        write("plain/3.json", "{\"creator\": \"Ann\", \"source\": \"https://a.example\"}");
        write("plain/4.png", "x");
        write("plain/5.avif", "x");
        write("plain/6.txt", "nothing to describe");
        PairList list = PairSources.open(folder, folder).read();
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("first line", "ink style", "a dog");
        assertThat(list.pairs()).extracting(Pair::repeats).containsExactly(10, 10, 1);
        assertThat(list.pairs().get(0).captions()).containsExactly("first line", "second line");
        assertThat(list.pairs().get(2).creator()).isEqualTo("Ann");
        assertThat(list.findings())
                .extracting(Finding::toString)
                .containsExactlyInAnyOrder(
                        "2.jpg: has no caption file, so its folder's name 'ink style' is its caption;"
                                + " write a .txt file beside it if that is not meant",
                        "4.png: 'plain/4.png' has no caption; write one, or set data.caption for all that have none",
                        "5.avif: is of a format that is not read; convert it, as by: avifdec '5.avif' '5.png'",
                        "6.txt: describes no image of its name; add the image or remove the file",
                        "10_ink style: its 2 pictures are shown 10 times an epoch, as its name says;"
                                + " rename the folder if that is not meant",
                        folder.getFileName() + ": 1 caption file has more than one line: the first is the caption, the"
                                + " others are alternatives to it; data.caption_alternatives=random draws among them,"
                                + " data.caption_lines=join makes one caption of all lines");
    }

    @Test
    void samplesOfATarAreReadWhereTheyLie() throws IOException {
        Path tar = folder.resolve("00000.tar");
        byte[] picture = {1, 2, 3, 4, 5};
        try (OutputStream file = Files.newOutputStream(tar);
                TarArchiveOutputStream out = new TarArchiveOutputStream(file)) {
            add(out, "000000001.jpg", picture);
            add(out, "000000001.txt", "a cat".getBytes(StandardCharsets.UTF_8));
            add(
                    out,
                    "000000001.json",
                    "{\"caption\": \"a cat\", \"url\": \"https://a.example/1.jpg\", \"key\": \"000000001\"}"
                            .getBytes(StandardCharsets.UTF_8));
            add(out, "000000002.txt", "no picture".getBytes(StandardCharsets.UTF_8));
            add(out, "000000003.jpg", picture);
        }
        PairList list = PairSources.open(folder, folder).read();
        Pair pair = list.pairs().get(0);
        assertThat(list.pairs()).hasSize(1);
        assertThat(pair.caption()).isEqualTo("a cat");
        assertThat(pair.source()).isEqualTo("https://a.example/1.jpg");
        assertThat(pair.origin()).hasToString("00000.tar/000000001.jpg");
        assertThat(pair.content().read()).isEqualTo(picture);
        assertThat(pair.content().length()).isEqualTo(5);
        assertThat(Sha256.of(pair.content().read()))
                .isEqualTo(Sha256.of(pair.content().open()));
        assertThat(list.errors())
                .extracting(Finding::message)
                .containsExactly(
                        "00000.tar/000000002.txt: '000000002' has no image; add 000000002.jpg or remove its other"
                                + " files",
                        "00000.tar/000000003.jpg: '000000003.jpg' has no caption; write one, or set data.caption for"
                                + " all that have none");
    }

    private static void add(TarArchiveOutputStream out, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
    }

    @Test
    void aTarThatIsNoneIsRefused() throws IOException {
        Path tar = write("broken.tar", "no archive".repeat(200));
        assertThatThrownBy(() -> PairSources.open(tar, folder).read())
                .isInstanceOf(FindingException.class)
                .hasMessageStartingWith("broken.tar: ");
    }

    @Test
    void parquetIsReadByItsColumns() throws Exception {
        write("a.png", "x");
        Path file = folder.resolve("pairs.parquet");
        try (Connection db = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = db.createStatement()) {
            statement.execute("COPY (SELECT * FROM (VALUES ('a.png', ['a cat', 'a tom'], 2.5, 'CC0-1.0'),"
                    + " ('b.png', ['gone'], 1, NULL)) AS t(image, caption, weight, license)) TO '" + file
                    + "' (FORMAT parquet)");
        }
        PairList list = PairSources.open(file, folder).read();
        assertThat(list.pairs()).hasSize(1);
        assertThat(list.pairs().get(0).captions()).containsExactly("a cat", "a tom");
        assertThat(list.pairs().get(0).weight()).isEqualTo(2.5);
        assertThat(list.pairs().get(0).licence()).isEqualTo("CC0-1.0");
        assertThat(list.errors())
                .extracting(Finding::message)
                .containsExactly("pairs.parquet line 2: 'b.png' does not exist; paths are relative to data.images");
        Path broken = write("broken.parquet", "PAR1 and nothing more");
        assertThatThrownBy(() -> PairSources.open(broken, folder).read())
                .hasMessageStartingWith("broken.parquet: cannot be read as Parquet: ");
    }
}
