package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CaptionToolsTest {
    private static final Path IMAGE = Path.of("a.png");

    private static Pair pair(String... captions) {
        return new Pair(
                IMAGE,
                List.of(captions),
                null,
                null,
                null,
                1,
                1,
                Map.of(),
                new Origin(Path.of("captions.csv"), 2),
                ImageBytes.of(IMAGE));
    }

    private static CaptionSettings settings(
            String trigger, Alternatives which, boolean shuffle, int keep, double drop) {
        return new CaptionSettings("", "", trigger, which, shuffle, keep, ",", 0, drop);
    }

    @Test
    void prefixSuffixAndTriggerWordAreAdded() {
        CaptionTools tools = new CaptionTools(
                new CaptionSettings("a drawing of", "on white", "sks", Alternatives.FIRST, false, 0, ",", 0, 0));
        assertThat(tools.caption(pair("a cat"), Draws.of(1))).isEqualTo("sks, a drawing of a cat on white");
    }

    @Test
    void aTriggerWordThatIsThereIsNotAddedAgain() {
        CaptionTools tools = new CaptionTools(settings("sks", Alternatives.FIRST, false, 0, 0));
        assertThat(tools.caption(pair("a SKS cat"), Draws.of(1))).isEqualTo("a SKS cat");
        assertThat(tools.caption(pair("asks a cat"), Draws.of(1))).isEqualTo("sks, asks a cat");
    }

    @Test
    void keptTagsStayWhileTheOthersMove() {
        CaptionTools tools = new CaptionTools(settings("", Alternatives.FIRST, true, 2, 0));
        TreeSet<String> seen = new TreeSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            String caption = tools.caption(pair("one, two,three,  four, five"), Draws.of(0, epoch));
            assertThat(caption).startsWith("one, two, ");
            assertThat(Arrays.asList(caption.split(", ")))
                    .containsExactlyInAnyOrder("one", "two", "three", "four", "five");
            seen.add(caption);
        }
        assertThat(seen.size()).isGreaterThan(3);
    }

    @Test
    void droppedCaptionsAreEmptyAsOftenAsAsked() {
        CaptionTools tools = new CaptionTools(settings("", Alternatives.FIRST, false, 0, 0.1));
        int empty = 0;
        for (int i = 0; i < 10_000; i++) {
            empty += tools.caption(pair("a cat"), Draws.of(5, i)).isEmpty() ? 1 : 0;
        }
        assertThat(empty).isBetween(850, 1150);
    }

    @Test
    void alternativesAreAllUsed() {
        CaptionTools tools = new CaptionTools(settings("", Alternatives.RANDOM, false, 0, 0));
        TreeSet<String> seen = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            seen.add(tools.caption(pair("a cat", "a kitten", "a tom"), Draws.of(9, i)));
        }
        assertThat(seen).containsExactly("a cat", "a kitten", "a tom");
        assertThat(tools.possible(pair("a cat", "a kitten"))).containsExactly("a cat", "a kitten");
    }

    @Test
    void captionsThatAreCutAreReported() {
        CaptionTools tools = new CaptionTools(CaptionSettings.plain());
        String words = "word ".repeat(80);
        assertThat(tools.tooLong(List.of(pair(words), pair("short")), c -> c.split(" ").length, 1))
                .singleElement()
                .hasToString("captions.csv line 2: the caption has 80 tokens, of which the last 5 are cut;"
                        + " shorten it, or set data.max_token_length=150");
        String accented = "\u00e9".repeat(70);
        assertThat(tools.tooLong(List.of(pair(accented)), c -> 2 * c.length(), 1))
                .as("not ASCII: its bytes count")
                .hasSize(1);
        assertThat(tools.tooLong(List.of(pair("fits")), c -> 1000, 1))
                .as("never counted")
                .isEmpty();
    }
}
