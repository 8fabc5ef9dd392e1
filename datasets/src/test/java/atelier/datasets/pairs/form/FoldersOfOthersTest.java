package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.Severity;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as people have them: numbers in their names, texts in other charsets, tables in a part of them. */
class FoldersOfOthersTest {
    @TempDir
    Path folder;

    private void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private void picture(String name, String caption) throws IOException {
        write(name + ".png", "x");
        write(name + ".txt", caption);
    }

    private PairList read() throws IOException {
        return PairSources.open(folder, folder).read();
    }

    private static List<String> messages(PairList list) {
        return list.findings().stream().map(Finding::message).toList();
    }

    // Field case 13.
    @Test
    void aYearBeforeAFoldersNameIsTakenAsRepeatsAndDoubted() throws IOException {
        picture("2019_harbour/1", "boats");
        picture("2019_harbour/2", "more boats");
        PairList list = read();
        assertThat(list.pairs()).extracting(Pair::repeats).containsExactly(2019, 2019);
        assertThat(list.findings()).extracting(Finding::severity).containsExactly(Severity.WARNING);
        assertThat(messages(list))
                .containsExactly("2019_harbour: its 2 pictures are shown 2019 times an epoch, as its name says;"
                        + " is it a year?; rename the folder if that is not meant, such as harbour_2019");
    }

    @Test
    void repeatsAreToldOnceAFolder() throws IOException {
        picture("10_cat/1", "a");
        picture("10_cat/deep/2", "b");
        picture("007_dog/3", "c");
        picture("500_fox/4", "d");
        picture("0_hen/5", "e");
        PairList list = read();
        assertThat(list.pairs()).extracting(Pair::repeats).containsExactly(7, 0, 10, 10, 500);
        assertThat(messages(list))
                .containsExactlyInAnyOrder(
                        "10_cat: its 2 pictures are shown 10 times an epoch, as its name says;"
                                + " rename the folder if that is not meant",
                        "007_dog: its picture is shown 7 times an epoch, as its name says;"
                                + " rename the folder if that is not meant",
                        "500_fox: its picture is shown 500 times an epoch, as its name says, which is a large number of"
                                + " repeats; rename the folder if that is not meant, such as fox_500",
                        "0_hen: its picture is never shown, as the 0 in its name says;"
                                + " rename the folder if that is not meant");
    }

    @Test
    void numbersThatSdScriptsDoesNotTakeAsRepeatsAreNone() throws IOException {
        picture("trips/12_rome/1", "a");
        picture("20190412_lake/2", "b");
        picture("2020/3", "c");
        picture("10-cat/4", "d");
        picture("cat_10/5", "e");
        PairList list = read();
        assertThat(list.pairs()).extracting(Pair::repeats).containsOnly(1);
        assertThat(messages(list))
                .containsExactlyInAnyOrder(
                        "12_rome: lies deeper within data.pairs, so the 12 in its name is no count of repeats;"
                                + " as in sd-scripts, only folders directly within data.pairs count",
                        "20190412_lake: the 20190412 in its name is not taken as a count of repeats, which sd-scripts"
                                + " would do; name it such as 10_name if repeats are meant",
                        "2020: the 2020 in its name is not taken as a count of repeats, which sd-scripts would do;"
                                + " name it such as 10_name if repeats are meant");
    }

    @Test
    void theNumberOfTheNamedFolderItselfDoesNotCount() throws IOException {
        picture("10_cat/1", "a");
        PairList list = PairSources.open(folder.resolve("10_cat"), folder).read();
        assertThat(list.pairs().get(0).repeats()).isEqualTo(1);
        assertThat(messages(list).get(0))
                .startsWith("10_cat: is the folder of data.pairs itself, so the 10 in its name");
    }

    // Field case 14.
    @Test
    void oneCaptionInAnotherCharsetCostsItsOwnPictureOnly() throws IOException {
        for (int i = 1; i <= 5; i++) {
            picture("p" + i, "caf\u00e9 " + i);
        }
        write("p6.png", "x");
        write("p6.txt", "caf\u00e9 6".getBytes(Charset.forName("windows-1252")));
        write("p7.png", "x");
        write("p7.json", "{\"text\": \"\u732b\"}".getBytes(Charset.forName("Shift_JIS")));
        PairList list = read();
        assertThat(list.pairs())
                .extracting(Pair::caption)
                .contains("caf\u00e9 1", "caf\u00e9 5")
                .hasSize(5);
        assertThat(messages(list))
                .containsExactly(
                        "p6.png: its file 'p6.txt' is not UTF-8; save the file as UTF-8, or set data.encoding to its"
                                + " charset, such as windows-1252",
                        "p7.png: its file 'p7.json' is not UTF-8; save the file as UTF-8, or set data.encoding to its"
                                + " charset, such as windows-1252");
        assertThat(list.errors())
                .extracting(Finding::image)
                .containsExactly(folder.resolve("p6.png"), folder.resolve("p7.png"));
    }

    @Test
    void aFolderInAnotherCharsetIsReadInIt() throws IOException {
        for (String name : new String[] {"windows-1252", "shift_jis", "gb18030", "utf-16le", "cp932", "latin-1"}) {
            Charset charset = atelier.common.file.TextFile.charset("data.encoding", name);
            String caption = charset.newEncoder().canEncode('\u732b') ? "\u732b" : "caf\u00e9";
            write("p.png", "x");
            write("p.txt", caption.getBytes(charset));
            TextForm form = new TextForm(charset, TextForm.CaptionLines.ALTERNATIVES);
            assertThat(PairSources.open(folder, folder, form)
                            .read()
                            .pairs()
                            .get(0)
                            .caption())
                    .as(name)
                    .isEqualTo(caption);
        }
    }

    @Test
    void bytesThatTheNamedCharsetDoesNotKnowAreAFindingToo() throws IOException {
        write("p.png", "x");
        write("p.txt", new byte[] {'a', (byte) 0x81});
        write("q.png", "x");
        write("q.txt", "caf\u00e9");
        TextForm form = new TextForm(Charset.forName("windows-1252"), TextForm.CaptionLines.ALTERNATIVES);
        PairList list = PairSources.open(folder, folder, form).read();
        assertThat(messages(list))
                .containsExactly(
                        "p.png: its file 'p.txt' is not windows-1252; save the file as windows-1252, or set"
                                + " data.encoding to its charset",
                        "q.png: 'q.txt' is UTF-8 by its bytes and is read as windows-1252;"
                                + " look whether data.encoding is right");
    }

    @Test
    void lettersThatAnEarlierProgramLostAreAWarning() throws IOException {
        picture("p", "caf\uFFFD");
        PairList list = read();
        assertThat(list.pairs()).hasSize(1);
        assertThat(messages(list).get(0)).startsWith("p.png: its caption holds U+FFFD");
    }

    // Field case 15.
    @Test
    void byteOrderMarksDecideTheCharsetAndAreTakenOff() throws IOException {
        for (String name : new String[] {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"}) {
            write("p.png", "x");
            write("p.txt", "\uFEFFa \u732b".getBytes(Charset.forName(name)));
            write("p.json", "\uFEFF{\"creator\": \"Ann\"}".getBytes(Charset.forName(name)));
            PairList list = read();
            assertThat(list.findings()).as(name).isEmpty();
            assertThat(list.pairs().get(0).caption()).as(name).isEqualTo("a \u732b");
            assertThat(list.pairs().get(0).creator()).as(name).isEqualTo("Ann");
        }
    }

    @Test
    void utf16WithoutAMarkShowsByItsZeros() throws IOException {
        write("p.png", "x");
        write("p.txt", "a cat".getBytes(StandardCharsets.UTF_16LE));
        assertThat(read().pairs().get(0).caption()).isEqualTo("a cat");
    }

    // Field case 16.
    @Test
    void aSecondParagraphIsToldOfOnceAndJoinedWhenAsked() throws IOException {
        picture("p", "a harbour\n\nboats at dawn\n");
        picture("q", "a lake\r\nboats at dusk\r\nmist");
        picture("r", "a hill\n");
        PairList list = read();
        assertThat(list.pairs().get(0).captions()).containsExactly("a harbour", "boats at dawn");
        assertThat(messages(list))
                .containsExactly(folder.getFileName() + ": 2 caption files have more than one line: the first is the"
                        + " caption, the others are alternatives to it; data.caption_alternatives=random draws among"
                        + " them, data.caption_lines=join makes one caption of all lines");
        TextForm join = new TextForm(StandardCharsets.UTF_8, TextForm.CaptionLines.JOIN);
        PairList joined = PairSources.open(folder, folder, join).read();
        assertThat(joined.findings()).isEmpty();
        assertThat(joined.pairs())
                .extracting(Pair::captions)
                .containsExactly(
                        List.of("a harbour boats at dawn"), List.of("a lake boats at dusk mist"), List.of("a hill"));
    }

    // Field case 17.
    @Test
    void endingsInUpperCaseAreReadAsInLowerCase() throws IOException {
        write("IMG_1.JPG", "x");
        write("IMG_1.TXT", "a cat");
        write("IMG_2.PNG", "x");
        write("IMG_2.Caption", "a dog");
        write("IMG_3.Jpeg", "x");
        write("IMG_3.JSON", "{\"text\": \"a hen\"}");
        PairList list = read();
        assertThat(list.findings()).isEmpty();
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat", "a dog", "a hen");
    }

    // Field case 18.
    @Test
    void aTableWithinTheTrainFolderIsRead() throws IOException {
        write("train/a.png", "x");
        write("train/deep/b.png", "x");
        write(
                "train/metadata.jsonl",
                "{\"file_name\": \"a.png\", \"text\": \"a cat\"}\n"
                        + "{\"file_name\": \"deep/b.png\", \"text\": \"a dog\"}\n");
        PairList list = read();
        assertThat(list.findings()).isEmpty();
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat", "a dog");
        assertThat(list.pairs().get(1).image()).isEqualTo(folder.resolve("train/deep/b.png"));
    }

    @Test
    void severalTablesAndSidecarsStandSideBySide() throws IOException {
        write("metadata.csv", "file_name,text\nroot.png,at the root\n");
        write("root.png", "x");
        write("test/metadata.csv", "\uFEFFfile_name;text\r\nc.png;a hen\r\n");
        write("test/c.png", "x");
        write("test/d.png", "x");
        PairList list = read();
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("at the root", "a hen");
        assertThat(messages(list))
                .containsExactly("d.png: is named by no row of the folder's metadata; add a row or move it away");
        Files.delete(folder.resolve("metadata.csv"));
        write("root.txt", "beside it");
        assertThat(read().pairs()).extracting(Pair::caption).containsExactly("a hen", "beside it");
    }
}
