package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionCsvTest {
    @TempDir
    Path folder;

    @BeforeEach
    void images() throws IOException {
        Files.createDirectories(folder.resolve("cats"));
        for (String name : new String[] {"cats/1.png", "cats/2.png"}) {
            Files.writeString(folder.resolve(name), "x");
        }
    }

    private PairList read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("captions.csv"), text);
        return PairSources.open(file, folder).read();
    }

    @Test
    void allColumnsAreReadAndOthersAreKept() throws IOException {
        PairList list = read("image,caption,creator,licence,source,weight,repeats,caption_2,mood\n"
                + "cats/1.png,\"a cat, asleep\",Ann,CC0-1.0,https://a.example/1,0.5,3,a tom,calm\n");
        assertThat(list.findings()).isEmpty();
        Pair pair = list.pairs().get(0);
        assertThat(pair.image()).isEqualTo(folder.resolve("cats/1.png"));
        assertThat(pair.captions()).containsExactly("a cat, asleep", "a tom");
        assertThat(pair.creator()).isEqualTo("Ann");
        assertThat(pair.licence()).isEqualTo("CC0-1.0");
        assertThat(pair.source()).isEqualTo("https://a.example/1");
        assertThat(pair.weight()).isEqualTo(0.5);
        assertThat(pair.repeats()).isEqualTo(3);
        assertThat(pair.extra()).containsOnly(Map.entry("mood", "calm"));
        assertThat(pair.origin()).hasToString("captions.csv line 2");
    }

    @Test
    void everyRowThatGivesNoPairIsAFindingWithItsLine() throws IOException {
        PairList list = read("\uFEFFimage,caption,weight\n"
                + "cats/1.png,\"two\nlines\",1\n"
                + "\n"
                + "cats/7.png,a cat,1\n"
                + "cats/2.png,,1\n"
                + ",a cat,1\n"
                + "cats/2.png,a cat\n"
                + "cats/2.png,a cat,heavy\n"
                + "https://a.example/1.png,a cat,1\n");
        assertThat(list.pairs()).hasSize(1);
        assertThat(list.errors())
                .extracting(Finding::message)
                .containsExactly(
                        "captions.csv line 5: 'cats/7.png' does not exist; paths are relative to data.images",
                        "captions.csv line 6: 'cats/2.png' has no caption; write one, or set data.caption for all that"
                                + " have none",
                        "captions.csv line 7: names no image; fill the image column or take the row out",
                        "captions.csv line 8: has 2 values where the header has 3 columns;"
                                + " put a text that holds commas, quotes or line ends in quotes and double its own",
                        "captions.csv line 9: 'heavy' in weight is no number from 0 on; write a factor such as 1 or"
                                + " 0.5",
                        "captions.csv line 10: 'https://a.example/1.png' is a URL;"
                                + " download the image and name the file; the URL belongs in source");
        assertThat(list.pairs().get(0).origin().line()).isEqualTo(2);
    }

    @Test
    void aTableThatCannotBeReadSaysWhere() {
        assertThatThrownBy(() -> read("")).hasMessageStartingWith("captions.csv: is empty;");
        assertThatThrownBy(() -> read("picture,caption\n"))
                .hasMessage("captions.csv line 1: the header [picture, caption] has no column 'image';"
                        + " name the columns, image and caption at least");
        assertThatThrownBy(() -> read("image,caption\n")).hasMessageContaining("holds a header and no rows");
    }

    @Test
    void manyRowsOfOneFolderAreFoundByItsListing() throws IOException {
        StringBuilder text = new StringBuilder("image,caption\n");
        for (int i = 0; i < 200; i++) {
            text.append("cats/").append(1 + i % 3).append(".png,a cat\n");
        }
        PairList list = read(text.toString());
        assertThat(list.pairs()).hasSize(134);
        assertThat(list.errors()).hasSize(66).allMatch(f -> f.fact().equals("'cats/3.png' does not exist"));
    }

    @Test
    void whatDoesNotExistOrHasNoKnownFormIsSaidSo() throws IOException {
        assertThatThrownBy(() -> PairSources.open(folder.resolve("nothing.csv"), folder))
                .hasMessageEndingWith("set data.pairs to a file or folder of pairs");
        Path text = Files.writeString(folder.resolve("pairs.doc"), "x");
        assertThatThrownBy(() -> PairSources.open(text, folder)).hasMessageContaining("is no known form of pairs");
        assertThat(List.of(PairSources.open(folder, folder))).hasOnlyElementsOfType(SidecarFolder.class);
    }
}
