package atelier.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.metric.StyleCheck;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ReportTest {
    private final EvaluationResult result = Results.result("demo", 0.9, List.of());

    @Test
    void theFirstScreenAnswersBeforeItShowsFigures() {
        String page = ReportPage.html(result);
        assertThat(page.indexOf("Did the style arrive?"))
                .isPositive()
                .isLessThan(page.indexOf("What it draws"))
                .isLessThan(page.indexOf("<h2>Figures"));
        assertThat(page).contains("90 % of pictures are nearest").contains("equals the base bit for bit");
        assertThat(page.indexOf("The style arrived.")).isPositive().isLessThan(page.indexOf("Did the style arrive?"));
    }

    @Test
    void whatWasNotMeasuredIsNotCalledGood() {
        List<Verdicts.Verdict> verdicts = Verdicts.of(result);
        assertThat(verdicts)
                .filteredOn(verdict -> verdict.question().equals("Is it still diverse?"))
                .singleElement()
                .satisfies(verdict -> {
                    assertThat(verdict.answer()).isEqualTo("not measured");
                    assertThat(verdict.state()).isEqualTo(Verdicts.State.UNSURE);
                    assertThat(verdict.reason()).contains("evaluation.seeds");
                });
        assertThat(verdicts)
                .filteredOn(verdict -> verdict.question().equals("Does it give pictures back?"))
                .singleElement()
                .satisfies(verdict -> assertThat(verdict.state()).isEqualTo(Verdicts.State.UNSURE));
    }

    @Test
    void aStyleThatRealPicturesAreNotKnownByIsNotJudged() {
        assertThat(style(60, 100)).isEqualTo("cannot be told");
        assertThat(style(90, 100)).isEqualTo("yes");
    }

    /** The answer where so many of a hundred real pictures are nearest to their own style. */
    private String style(int known, int of) {
        List<double[]> own = new ArrayList<>();
        for (int i = 0; i < of; i++) {
            own.add(i < known ? new double[] {1, 2} : new double[] {2, 1});
        }
        EvaluationResult checked = Results.checked(result, new StyleCheck(own, Map.of("noto", List.of())));
        assertThat(ReportJson.of(checked)
                        .at("/style_check/own/nearest_to_own_style")
                        .asInt())
                .isEqualTo(known);
        return Verdicts.of(checked).get(0).answer();
    }

    @Test
    void theDriftCardsColourIsThatOfItsWord() {
        assertThat(drift(0.05).answer()).isEqualTo("mostly");
        assertThat(drift(0.05).state()).isEqualTo(Verdicts.State.GOOD);
        assertThat(drift(0.4).answer()).isEqualTo("no");
        assertThat(drift(0.4).state()).isEqualTo(Verdicts.State.BAD);
    }

    private static Verdicts.Verdict drift(double share) {
        return Verdicts.drift(Measure.ofUnits(
                "drift.prediction",
                "drift",
                "",
                Measure.Better.LOWER,
                List.of(0.0, 1.0),
                List.of(new double[] {0, 0}, new double[] {share, share}),
                new Measure.Resampling(200, 0.95, 1)));
    }

    @Test
    void thePageNeedsNothingBesideItAndEscapesWords() {
        String page = ReportPage.html(result);
        assertThat(page).doesNotContain("src=\"http").doesNotContain("<link").doesNotContain("<script");
        assertThat(page).contains("share &lt;of&gt; pictures").doesNotContain("share <of>");
        Matcher sources = Pattern.compile("src=\"([^\"]{0,22})").matcher(page);
        assertThat(sources.results().map(match -> match.group(1))).allMatch("data:image/png;base64,"::equals);
    }

    @Test
    void thePlotIsWellFormed() throws Exception {
        String page = ReportPage.html(result);
        String svg = page.substring(page.indexOf("<svg"), page.indexOf("</svg>") + 6);
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)))
                        .getElementsByTagName("circle")
                        .getLength())
                .isEqualTo(3 + 2 * 3);
    }

    @Test
    void theModelCardsHeaderIsWhatHubsRead(@TempDir Path folder) throws IOException {
        Path ledger = folder.resolve("ledger.csv");
        Files.writeString(ledger, """
                image,sha256,verdict,rule,reason,list,line,list_sha256,creator,licence,source
                a.png,aa,included,,,,,,Jo,CC-BY-4.0,
                b.png,bb,included,,,,,,Ann,CC-BY-4.0,
                c.png,cc,excluded,optout,"named",optout.jsonl,3,dd,Bo,CC-BY-4.0,
                """);
        DataSummary data = DataSummary.of(ledger);
        assertThat(data.verdicts()).containsEntry("included", 2).containsEntry("excluded", 1);
        assertThat(data.creators()).isEqualTo(2);
        String card = ModelCard.markdown(result, data, "# Credits\n- Jo\n- Ann\n");
        assertThat(card)
                .startsWith("---\nlicense: cc-by-4.0\nbase_model: \"base\"\n")
                .contains("\n- lora\n")
                .contains("trigger word is `zigzag`")
                .contains("| optout | 1 |")
                .contains("Opt-out list `optout.jsonl`, SHA-256 `dd`")
                .contains("### Credits");
    }

    @Test
    void twoRunsOfTheSameNoiseAreComparedInPairs(@TempDir Path folder) throws IOException {
        Path a = write(folder.resolve("a"), Results.result("a", 0.9, List.of()));
        Path b = write(folder.resolve("b"), Results.result("b", 0.2, List.of()));
        Comparison comparison = Comparison.of(List.of(a, b), List.of("style.share change >= -0.1", "kid <= 0.5"), 1);
        assertThat(comparison.names()).containsExactly("a", "b");
        Comparison.Row share = comparison.rows().get(0);
        Comparison.Change change = share.changes().get(0);
        assertThat(change).isNotNull();
        assertThat(change.interval().value()).isCloseTo(-0.7, Offset.offset(1e-9));
        assertThat(change.interval().high()).isNegative();
        assertThat(change.p()).isLessThan(0.001);
        assertThat(comparison.rows().get(1).changes().get(0)).isNull();
        assertThat(comparison.broken()).containsExactly("b: style.share (change) is -0.7 and must be at least -0.1");
        assertThat(ComparisonPage.html(comparison)).contains("Limits that do not hold");
        assertThat(ComparisonPage.text(comparison)).contains("style.share").contains("not paired");
    }

    private static Path write(Path run, EvaluationResult result) throws IOException {
        Path folder = Files.createDirectories(run.resolve("evaluation"));
        ObjectNode json = ReportJson.of(result);
        Files.writeString(folder.resolve("report.json"), json.toPrettyString());
        return run;
    }

    @Test
    void picturesThatWereTrainedOnAreNotCalledHeldOut(@TempDir Path folder) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>(result.facts());
        facts.put("held-out pictures", "0");
        EvaluationResult none = new EvaluationResult(
                result.run(),
                result.settings(),
                facts,
                true,
                result.prompts(),
                result.measures(),
                result.styles(),
                result.styleCheck(),
                result.baseSkew(),
                result.adaptedSkew(),
                result.examples(),
                null,
                result.seconds(),
                List.of());
        assertThat(none.isHeldOut()).isFalse();
        assertThat(ReportPage.html(none)).doesNotContain("the style's own, held out");
        facts.put("held-out pictures", "2");
        assertThat(none.isHeldOut()).isTrue();
        Path ledger = Files.writeString(folder.resolve("ledger.csv"), """
                image,sha256,verdict,rule,reason,list,line,list_sha256,creator,licence,source
                a.png,aa,included,,,,,,,,
                """);
        assertThat(DataSummary.of(ledger).markdown()).contains("who made the pictures used is not stated");
    }
}
