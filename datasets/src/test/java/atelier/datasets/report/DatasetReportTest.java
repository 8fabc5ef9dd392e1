package atelier.datasets.report;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.batch.Buckets;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.Golden;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetReportTest {
    private static final LocalDate DAY = LocalDate.of(2026, 1, 2);

    @TempDir
    Path folder;

    private Survey survey;
    private DatasetStatistics statistics;

    private static Pair pair(Path image, int line, String caption, String creator, String source) {
        return new Pair(
                image,
                List.of(caption),
                creator,
                creator == null ? null : "CC0-1.0",
                source,
                1,
                1,
                Map.of(),
                new Origin(Path.of("captions.csv"), line),
                ImageBytes.of(image));
    }

    @BeforeEach
    void look() throws IOException {
        Path copy = Files.copy(Golden.file("pdq-wide.png"), folder.resolve("copy.png"));
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        List<Pair> pairs = List.of(
                pair(Golden.file("pdq-wide.png"), 2, "a woman in New York, drawing", "Ann", "https://a.example/1"),
                pair(copy, 3, "an old man, drawing", "Ann", "https://A.example/2"),
                pair(Golden.file("pdq-flat.png"), 4, "a <wall>", null, null),
                pair(broken, 5, "nothing", "Bob", "https://b.example/3"),
                pair(Golden.file("444.jpg"), 6, "A Kenyan landscape", "Bob", null),
                pair(Golden.file("rgb8.png"), 7, "the same landscape", "Bob", null));
        survey = Survey.of(pairs, DecodeSettings.plain(), () -> {});
        statistics = DatasetStatistics.of(survey, Buckets.square(64));
    }

    @Test
    void figuresAreCounted() {
        assertThat(statistics.images()).isEqualTo(6);
        assertThat(statistics.usable()).isEqualTo(5);
        assertThat(statistics.creators().of("Bob")).isEqualTo(3);
        assertThat(statistics.creators().of("not stated")).isEqualTo(1);
        assertThat(statistics.licences().of("CC0-1.0")).isEqualTo(5);
        assertThat(statistics.sources().of("a.example")).isEqualTo(2);
        assertThat(statistics.tags().of("drawing")).isEqualTo(2);
        assertThat(statistics.resolutions().of("48x36")).isEqualTo(2);
        assertThat(statistics.buckets().of("64x64")).isEqualTo(5);
        assertThat(statistics.captionWords().most()).isEqualTo(6);
        assertThat(statistics.people().counts().get("Gender"))
                .containsEntry("women and girls", 1)
                .containsEntry("men and boys", 1);
        assertThat(statistics.people().counts().get("Region"))
                .containsEntry("Africa", 1)
                .containsEntry("North America", 1)
                .containsEntry("Oceania", 0);
        assertThat(statistics.people().counts().get("Age")).containsEntry("old", 1);
    }

    @Test
    void equalFilesAndLikePicturesAreGrouped() {
        assertThat(statistics.equal()).containsExactly(List.of(0, 1));
        assertThat(statistics.alike()).containsExactly(List.of(4, 5));
        assertThat(statistics.flat()).containsExactly(2);
        assertThat(statistics.duplicates(survey))
                .extracting(Finding::message)
                .contains(
                        "captions.csv line 2: 'pdq-wide.png' is the same file as 'copy.png'; keep one, or give it repeats",
                        "captions.csv line 6: '444.jpg' looks like 'rgb8.png'; keep one unless both are meant");
    }

    @Test
    void aBrokenImageIsAFinding() {
        assertThat(survey.findings())
                .singleElement()
                .satisfies(f -> assertThat(f.message())
                        .startsWith("captions.csv line 5: ")
                        .contains("is no PNG, JPEG"));
    }

    @Test
    void textAndPageShowFindingsAndFigures() throws IOException {
        List<Finding> findings = new ArrayList<>(survey.findings());
        findings.addAll(statistics.duplicates(survey));
        assertThat(DatasetText.of(statistics, findings))
                .contains("6 images, 5 of them usable")
                .contains("error  captions.csv line 5")
                .contains("women and girls 1");
        String page = DatasetPage.of("Cats & dogs", survey, statistics, findings, DecodeSettings.plain());
        assertThat(page)
                .contains("<h1>Cats &amp; dogs</h1>")
                .contains("data:image/jpeg;base64,")
                .contains("a &lt;wall&gt;")
                .doesNotContain("<wall>")
                .doesNotContain("<script");
    }

    private Ledger ledger() {
        List<Verdict> verdicts = List.of(
                new Verdict(
                        Path.of("1.png"),
                        "aa",
                        Outcome.INCLUDED,
                        Rule.values()[0],
                        "",
                        "",
                        0,
                        "",
                        "Ann",
                        "CC0-1.0",
                        ""),
                new Verdict(Path.of("2.png"), "bb", Outcome.FAILED, Rule.UNUSABLE, "broken", "", 0, "", "Bob", "", ""));
        return new Ledger(verdicts, List.of(), List.of(new ListDigest("optout.jsonl", "cc", 3)));
    }

    @Test
    void theCroissantDescribesTheLedger() throws IOException {
        JsonNode root = new ObjectMapper().readTree(Croissant.of("cats", "Cats.", ledger(), DAY));
        assertThat(root.at("/license/0").asText()).isEqualTo("https://spdx.org/licenses/CC0-1.0.html");
        assertThat(root.at("/distribution/0/sha256").asText()).isEqualTo(ledger().digest());
        assertThat(root.at("/usageInfo/text").asText()).contains("2 pictures: 1 included", "optout.jsonl (sha256 cc)");
        assertThat(root.at("/recordSet/0/field/0/source/extract/column").asText())
                .isEqualTo("image");
    }

    @Test
    void theSummaryFollowsTheTemplateAndLeavesOpenWhatItCannotKnow() {
        String text =
                TrainingSummary.of("ink", "the bundled model", ledger(), statistics, List.of("Resized to 64."), DAY);
        assertThat(text)
                .contains("## 1. General information", "## 2. Sources", "## 3. Processing")
                .contains("5 images (less than 1 million)")
                .contains("| CC0-1.0 | 1 |")
                .contains("| a.example | 2 |")
                .contains("optout.jsonl, 3 entries, sha256 cc")
                .contains("_to be filled in by the provider_");
    }
}
