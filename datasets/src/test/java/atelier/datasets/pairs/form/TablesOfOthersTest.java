package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables as spreadsheets, Python and other systems write them. */
class TablesOfOthersTest {
    @TempDir
    Path folder;

    @BeforeEach
    void images() throws IOException {
        Files.createDirectories(folder.resolve("cats"));
        for (String name : new String[] {"cats/1.png", "cats/2.png", "cats/3.png"}) {
            Files.writeString(folder.resolve(name), "x");
        }
    }

    private PairList read(String name, String text) throws IOException {
        return read(name, text.getBytes(StandardCharsets.UTF_8), TextForm.plain());
    }

    private PairList read(String name, byte[] bytes, TextForm form) throws IOException {
        Path file = Files.write(folder.resolve(name), bytes);
        return PairSources.open(file, folder, form).read();
    }

    private static List<String> messages(PairList list) {
        return list.findings().stream().map(Finding::message).toList();
    }

    // Field case 14.
    @Test
    void oneRowInAnotherCharsetCostsItsOwnPictureOnly() throws IOException {
        String table = "image,caption,creator\ncats/1.png,a cat,Ann\ncats/2.png,caf\u00e9,Ann\ncats/3.png,a tom,Ann\n";
        PairList csv = read("a.csv", table.getBytes(StandardCharsets.ISO_8859_1), TextForm.plain());
        assertThat(csv.pairs()).extracting(Pair::caption).containsExactly("a cat", "a tom");
        assertThat(csv.errors()).extracting(Finding::image).containsExactly(folder.resolve("cats/2.png"));
        assertThat(messages(csv))
                .containsExactly("a.csv line 3: its caption is not UTF-8; save the file as UTF-8, or set"
                        + " data.encoding to its charset, such as windows-1252");
        String lines = "{\"file_name\": \"cats/1.png\", \"text\": \"a cat\"}\n"
                + "{\"file_name\": \"cats/2.png\", \"text\": \"a cat\", \"artist\": \"\u732b\"}\n";
        PairList jsonl = read("a.jsonl", lines.getBytes(Charset.forName("Shift_JIS")), TextForm.plain());
        assertThat(jsonl.pairs()).hasSize(1);
        assertThat(messages(jsonl).get(0)).startsWith("a.jsonl line 2: its artist is not UTF-8");
    }

    @Test
    void tablesInOtherCharsetsAreReadInThem() throws IOException {
        TextForm sjis = new TextForm(Charset.forName("Shift_JIS"), TextForm.CaptionLines.ALTERNATIVES);
        byte[] csv = "image,caption\ncats/1.png,\u732b\n".getBytes(Charset.forName("Shift_JIS"));
        assertThat(read("a.csv", csv, sjis).pairs().get(0).caption()).isEqualTo("\u732b");
        byte[] jsonl = "{\"file_name\": \"cats/1.png\", \"text\": \"\u732b\"}\n".getBytes(Charset.forName("Shift_JIS"));
        assertThat(read("a.jsonl", jsonl, sjis).pairs().get(0).caption()).isEqualTo("\u732b");
    }

    @Test
    void samplesOfATarAreReadInTheNamedCharsetAndOneInAnotherIsAFinding() throws IOException {
        Charset sjis = Charset.forName("Shift_JIS");
        Path tar = folder.resolve("a.tar");
        try (OutputStream file = Files.newOutputStream(tar);
                TarArchiveOutputStream out = new TarArchiveOutputStream(file)) {
            add(out, "1.jpg", new byte[] {1});
            add(out, "1.txt", "\u732b".getBytes(sjis));
            add(out, "2.jpg", new byte[] {1});
            add(out, "2.txt", "a dog".getBytes(StandardCharsets.US_ASCII));
            add(out, "3.jpg", new byte[] {1});
            add(out, "3.txt", "\uFEFFa hen".getBytes(StandardCharsets.UTF_16LE));
        }
        PairList plain = PairSources.open(tar, folder).read();
        assertThat(plain.pairs()).extracting(Pair::caption).containsExactly("a dog", "a hen");
        assertThat(messages(plain).get(0)).startsWith("a.tar/1.jpg: its file '1.txt' is not UTF-8; ");
        TextForm form = new TextForm(sjis, TextForm.CaptionLines.ALTERNATIVES);
        assertThat(PairSources.open(tar, folder, form).read().pairs())
                .extracting(Pair::caption)
                .containsExactly("\u732b", "a dog", "a hen");
    }

    private static void add(TarArchiveOutputStream out, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
    }

    // Field case 15.
    @Test
    void byteOrderMarksAreTakenOffTablesAndLines() throws IOException {
        for (String name : new String[] {"UTF-8", "UTF-16LE", "UTF-16BE"}) {
            byte[] csv = "\uFEFFimage\tcaption\r\ncats/1.png\ta cat\r\n".getBytes(Charset.forName(name));
            assertThat(read("a.txt", csv, TextForm.plain()).pairs()).as(name).hasSize(1);
            byte[] jsonl = "\uFEFF{\"file_name\": \"cats/1.png\", \"text\": \"a\"}\n".getBytes(Charset.forName(name));
            assertThat(read("a.jsonl", jsonl, TextForm.plain()).pairs())
                    .as(name)
                    .hasSize(1);
        }
    }

    // Field case 17.
    @Test
    void aSpreadsheetsTableIsRead() throws IOException {
        PairList list = read(
                "a.csv",
                "sep=;\r\nImage ; Caption;weight;repeats;;\r\ncats\\1.png;\"a cat; asleep\r\non a mat\";0,5;10,0;;\r\n"
                        + ";;;;;\r\n cats/2.png ; a \"tom\" ;2;3.0;;\r\n");
        assertThat(list.findings()).isEmpty();
        assertThat(list.pairs())
                .extracting(Pair::image)
                .containsExactly(folder.resolve("cats/1.png"), folder.resolve("cats/2.png"));
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat; asleep\non a mat", "a \"tom\"");
        assertThat(list.pairs()).extracting(Pair::weight).containsExactly(0.5, 2.0);
        assertThat(list.pairs()).extracting(Pair::repeats).containsExactly(10, 3);
        assertThat(list.pairs()).extracting(pair -> pair.origin().line()).containsExactly(3L, 6L);
    }

    @Test
    void separatorsShowInTheHeader() throws IOException {
        for (String mark : new String[] {",", ";", "\t", "|"}) {
            PairList list = read("a.csv", "file_name" + mark + "text\ncats/1.png" + mark + "a cat\n");
            assertThat(list.pairs()).as(mark).extracting(Pair::caption).containsExactly("a cat");
        }
        assertThat(read("a.tsv", "image,caption\ncats/1.png,\"a, b\"\n")
                        .pairs()
                        .get(0)
                        .caption())
                .isEqualTo("a, b");
    }

    @Test
    void linesEndInAnyOfThreeWays() throws IOException {
        for (String end : new String[] {"\n", "\r\n", "\r"}) {
            PairList list = read("a.csv", String.join(end, "image,caption", "cats/1.png,a", "", "cats/9.png,b"));
            assertThat(list.pairs()).hasSize(1);
            assertThat(messages(list).get(0)).startsWith("a.csv line 4: 'cats/9.png' does not exist");
        }
    }

    @Test
    void quotesOfATabSeparatedTableAreLettersUnlessTheyEncloseAValue() throws IOException {
        PairList list = read(
                "a.tsv",
                "image\tcaption\n"
                        + "cats/1.png\t\"Hello\" he said\n"
                        + "cats/2.png\t\"12 inch\n"
                        + "cats/3.png\t\"a \"\"tom\"\"\"\n");
        assertThat(list.findings()).isEmpty();
        assertThat(list.pairs())
                .extracting(Pair::caption)
                .containsExactly("\"Hello\" he said", "\"12 inch", "a \"tom\"");
    }

    @Test
    void aQuoteThatIsNotClosedCostsItsOwnRowOnly() throws IOException {
        PairList list =
                read("a.csv", "image,caption\ncats/1.png,\"a cat\ncats/2.png,a tom\ncats/3.png,\"a \"bad\" one\"\n");
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a tom");
        assertThat(messages(list))
                .containsExactly(
                        "a.csv line 2: has a quote that is not closed where its value ends; put a text that holds"
                                + " commas, quotes or line ends in quotes and double its own",
                        "a.csv line 4: has a quote that is not closed where its value ends; put a text that holds"
                                + " commas, quotes or line ends in quotes and double its own");
    }

    @Test
    void namesOfOtherSystemsAreFoundOrTheirCauseIsSaid() throws IOException {
        Files.writeString(folder.resolve("u\u0308.png"), "x");
        PairList list =
                read("a.csv", "image,caption\n\u00fc.png,a\nC:\\pics\\1.png,b\n\\\\server\\1.png,b\ncats\\1.PNG,c\n");
        assertThat(list.pairs()).extracting(Pair::image).containsExactly(folder.resolve("u\u0308.png"));
        assertThat(messages(list))
                .containsExactly(
                        "a.csv line 3: 'C:\\pics\\1.png' is a place on another system;"
                                + " write paths relative to data.images",
                        "a.csv line 4: '\\\\server\\1.png' is a place on another system;"
                                + " write paths relative to data.images",
                        "a.csv line 5: 'cats\\1.PNG' does not exist; write 'cats/1.png', which is there");
    }

    @Test
    void columnsOfTheSameMeaningAreToldOf() throws IOException {
        assertThatThrownBy(() -> read("a.csv", "image,caption,mood,Mood\ncats/1.png,a,b,c\n"))
                .hasMessage("a.csv line 1: the header names 'Mood' more than once; keep one of them");
        PairList list = read("a.csv", "image,caption,artist,author\ncats/1.png,a,Ann,Bob\n");
        assertThat(list.pairs().get(0).creator()).isEqualTo("Ann");
        assertThat(list.pairs().get(0).extra()).containsEntry("author", "Bob");
        assertThat(messages(list))
                .containsExactly("a.csv line 1: the column 'author' means the same as one before it,"
                        + " which is used; keep the one that is meant");
    }

    @Test
    void aNumberThatCanBeReadInTwoWaysIsNamed() throws IOException {
        PairList list = read("a.csv", "image,caption,weight\ncats/1.png,a,\"1,000\"\ncats/2.png,a,NaN\n");
        assertThat(messages(list))
                .containsExactly(
                        "a.csv line 2: '1,000' in weight is no number from 0 on; write a factor such as 1 or 0.5",
                        "a.csv line 3: 'NaN' in weight is no number from 0 on; write a factor such as 1 or 0.5");
    }

    // Field case 19.
    @Test
    void numbersThatPythonWritesWithoutAJsonFormAreRead() throws IOException {
        PairList list = read(
                "a.jsonl",
                "{\"file_name\": \"cats/1.png\", \"text\": \"a\", \"score\": NaN, \"artist\": NaN, \"low\":"
                        + " -Infinity}\n"
                        + "{\"file_name\": \"cats/2.png\", \"text\": \"b\", \"weight\": Infinity}\n"
                        + "{\"file_name\": \"cats/3.png\", \"text\": \"c\", \"weight\": NaN}\n");
        assertThat(list.pairs()).hasSize(1);
        assertThat(list.pairs().get(0).creator()).isNull();
        assertThat(list.pairs().get(0).extra()).containsEntry("low", "-Infinity");
        assertThat(messages(list))
                .containsExactly(
                        "a.jsonl line 2: 'Infinity' in weight is no number from 0 on; write a factor such as 1 or 0.5",
                        "a.jsonl line 3: 'NaN' in weight is no number from 0 on; write a factor such as 1 or 0.5");
    }
}
