package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.batch.Alternatives;
import atelier.datasets.batch.CaptionSettings;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.Draws;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.SetSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sets of images in one file, as other trainers have them. */
class SetsOfOthersTest {
    private static final CaptionSettings GENERAL =
            new CaptionSettings("", "", "general", Alternatives.FIRST, false, 0, ",", 0, 0);

    @TempDir
    Path folder;

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private PairList read(String name) throws IOException {
        return PairSources.open(folder.resolve(name), folder).read();
    }

    private static List<String> messages(PairList list) {
        return list.findings().stream().map(Finding::message).toList();
    }

    private static String caption(Pair pair) {
        return new CaptionTools(GENERAL).caption(pair, Draws.of(1));
    }

    @Test
    void eachSubsetHasItsOwnRepeatsCaptionsAndLicence() throws IOException {
        write("cats/1.png", "x");
        write("cats/1.caption", "a cat, asleep");
        write("cats/1.txt", "not this one");
        write("cats/deeper/2.png", "x");
        write("cats/deeper/2.caption", "not a subset of its own");
        write("class/3.png", "x");
        write("sets.toml", """
            [general]
            caption_extension = ".caption"
            flip_aug = true

            [[datasets]]
            resolution = 768
            num_repeats = 3

              [[datasets.subsets]]
              image_dir = "cats"
              num_repeats = 10
              trigger_word = "zwx"
              caption_dropout_rate = 0.25
              creator = "Jo"
              licence = "CC0-1.0"

              [[datasets.subsets]]
              image_dir = "class"
              class_tokens = "cat"
              is_reg = true
              flip_aug = false
            """);
        PairList list = read("sets.toml");
        assertThat(list.pairs()).hasSize(2);
        Pair cat = list.pairs().get(0);
        assertThat(cat.captions()).containsExactly("a cat, asleep");
        assertThat(cat.repeats()).isEqualTo(10);
        assertThat(cat.creator()).isEqualTo("Jo");
        assertThat(cat.licence()).isEqualTo("CC0-1.0");
        assertThat(cat.set().flip()).isEqualTo(0.5);
        assertThat(cat.set().captionDropout()).isEqualTo(0.25);
        assertThat(cat.isPrior()).isFalse();
        Pair other = list.pairs().get(1);
        assertThat(other.captions()).containsExactly("cat");
        assertThat(other.repeats()).isEqualTo(3);
        assertThat(other.set().flip()).isEqualTo(0.0);
        assertThat(other.isPrior()).isTrue();
        assertThat(messages(list))
                .contains(
                        "sets.toml: these are settings of the run, and are not taken from here: resolution = 768"
                                + " (data.resolution); set the keys in brackets; the command import does so",
                        "cats: 1 image in folders below it are not used; name those folders as sets of their own");
    }

    @Test
    void theTriggerWordOfASetTakesThePlaceOfTheGeneralOne() throws IOException {
        write("a/1.png", "x");
        write("a/1.txt", "one");
        write("b/2.png", "x");
        write("b/2.txt", "two");
        write("sets.toml", """
            [[datasets]]
              [[datasets.subsets]]
              image_dir = "a"
              trigger_word = "zwx"
              caption_suffix = "in ink"
              [[datasets.subsets]]
              image_dir = "b"
            """);
        assertThat(read("sets.toml").pairs())
                .extracting(SetsOfOthersTest::caption)
                .containsExactly("zwx, one in ink", "general, two");
    }

    @Test
    void nothingIsDrawnForImagesThatAreHeldOut() throws IOException {
        write("a/1.png", "x");
        write("a/1.txt", "one, two, three");
        write("sets.toml", """
            [[datasets]]
              [[datasets.subsets]]
              image_dir = "a"
              shuffle_caption = true
              caption_dropout_rate = 1.0
              flip_aug = true
              caption_prefix = "ink:"
            """);
        Pair pair = read("sets.toml").pairs().get(0);
        assertThat(caption(pair)).isEmpty();
        assertThat(caption(pair.still())).isEqualTo("general, ink: one, two, three");
        assertThat(pair.still().set().flip()).isZero();
        assertThat(Pair.of(pair.image(), "x", pair.origin()).still().set()).isSameAs(SetSettings.NONE);
    }

    @Test
    void whatIsWrongInATableOfSetsIsNamedWithItsPlace() throws IOException {
        write("a/1.png", "x");
        String subset = "[[datasets]]\n[[datasets.subsets]]\nimage_dir = \"a\"\n";
        write("sets.toml", subset + "num_repeat = 2\n");
        assertThatThrownBy(() -> read("sets.toml"))
                .hasMessage("sets.toml: subset 1: the key 'num_repeat' is not known; see docs/training.md for the keys,"
                        + " or take it out");
        write("sets.toml", subset + "num_repeats = \"2\"\n");
        assertThatThrownBy(() -> read("sets.toml"))
                .hasMessage("sets.toml: subset 1: num_repeats = \"2\" is not a number from 0 on; correct it");
        write("sets.toml", subset + "keep_tokens = \n");
        assertThatThrownBy(() -> read("sets.toml")).hasMessageStartingWith("sets.toml line 4: is no TOML");
        write("sets.toml", "[general]\n");
        assertThatThrownBy(() -> read("sets.toml")).hasMessageContaining("it names no images");
        write("sets.toml", subset.replace("\"a\"", "\"nowhere\""));
        assertThatThrownBy(() -> read("sets.toml")).hasMessageContaining("nowhere' does not exist");
    }

    @Test
    void oneTrainersConceptsAreRead() throws IOException {
        write("ink/1.jpg", "x");
        write("ink/1.txt", "a boat");
        write("ink/1-masklabel.png", "x");
        write("ink/deep/2.jpg", "x");
        write("ink/deep/2.txt", "a harbour");
        write("class/3.jpg", "x");
        write("class.txt", "a drawing\n");
        write("concepts.json", """
            [ { "name": "ink", "path": "ink", "enabled": true, "include_subdirectories": true, "balancing": 4.0,
                "loss_weight": 0.5, "image": { "enable_random_flip": true, "enable_random_hue": true },
                "text": { "prompt_source": "sample", "enable_tag_shuffling": true, "keep_tags_count": 2 } },
              { "name": "class", "path": "class", "type": "PRIOR_PREDICTION",
                "text": { "prompt_source": "concept", "prompt_path": "class.txt" } },
              { "name": "held out", "path": "class", "type": "VALIDATION" },
              { "name": "off", "path": "class", "enabled": false } ]
            """);
        PairList list = read("concepts.json");
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a boat", "a harbour", "a drawing");
        Pair boat = list.pairs().get(0);
        assertThat(boat.repeats()).isEqualTo(4);
        assertThat(boat.weight()).isEqualTo(0.5);
        assertThat(boat.column("mask")).isEqualTo("1-masklabel.png");
        assertThat(boat.set().shuffleTags()).isTrue();
        assertThat(boat.set().keepTags()).isEqualTo(2);
        assertThat(boat.set().flip()).isEqualTo(0.5);
        assertThat(list.pairs().get(2).isPrior()).isTrue();
        assertThat(messages(list))
                .contains(
                        "concepts.json: the concept 'held out' is for validation and is left out; set validation.pairs"
                                + " to its folder",
                        "concepts.json: the concept 'off' is not enabled and is left out; enable it in the file",
                        "concepts.json: the concept 'ink' asks for enable_random_hue, which is not done here; see"
                                + " docs/moving.md");
    }

    @Test
    void metadataByImageJoinsCaptionAndTags() throws IOException {
        write("1.png", "x");
        write("sub/2.webp", "x");
        write("meta.json", """
            { "1": { "caption": "a cat", "tags": "grey, asleep", "train_resolution": [512, 512] },
              "sub/2.webp": { "tags": "ink" }, "3": { "caption": "gone" } }
            """);
        PairList list = read("meta.json");
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat, grey, asleep", "ink");
        assertThat(list.pairs())
                .extracting(Pair::image)
                .containsExactly(folder.resolve("1.png"), folder.resolve("sub/2.webp"));
        assertThat(messages(list)).containsExactly("meta.json: '3' does not exist; paths are relative to data.images");
        write("other.json", "[1, 2]");
        assertThatThrownBy(() -> read("other.json"))
                .hasMessageContaining("is no list of concepts (OneTrainer) and no metadata by image (sd-scripts)");
    }

    @Test
    void parquetMayHoldTheImagesThemselves() throws IOException, SQLException {
        Path parquet = folder.resolve("rows.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement write = connection.createStatement()) {
            write.execute("COPY (SELECT {'bytes': 'first image'::BLOB, 'path': 'one.png'} AS image, 'a cat' AS text"
                    + " UNION ALL SELECT {'bytes': 'the second'::BLOB, 'path': NULL}, 'a dog') TO '" + parquet
                    + "' (FORMAT parquet)");
        }
        PairList list = read("rows.parquet");
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly("a cat", "a dog");
        assertThat(list.pairs())
                .extracting(pair -> new String(pair.content().read(), StandardCharsets.UTF_8))
                .containsExactly("first image", "the second");
        assertThat(list.pairs().get(0).image().toString()).endsWith("rows.parquet/one.png");
        assertThat(list.pairs().get(1).image().toString()).endsWith("rows.parquet/2.image");
    }
}
