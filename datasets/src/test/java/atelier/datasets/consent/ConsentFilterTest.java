package atelier.datasets.consent;

import static atelier.datasets.consent.Consents.licensed;
import static atelier.datasets.consent.Consents.lists;
import static atelier.datasets.consent.Consents.open;
import static atelier.datasets.consent.Consents.pair;
import static atelier.datasets.consent.Consents.png;
import static atelier.datasets.consent.Consents.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.Finding;
import atelier.datasets.Origin;
import atelier.datasets.Pair;
import atelier.datasets.PairList;
import atelier.datasets.consent.lists.OptOutCompiler;
import atelier.datasets.hash.Pdq;
import atelier.datasets.hash.Sha256;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsentFilterTest {
    @TempDir
    Path folder;

    private Path list(String... entries) throws IOException {
        return Files.writeString(folder.resolve("list.jsonl"), String.join("\n", entries) + "\n");
    }

    private static String entry(String kind, String value) {
        return "{\"kind\":\"" + kind + "\",\"value\":\"" + value + "\"}";
    }

    private Path grants(String fields) throws IOException {
        return Files.writeString(
                folder.resolve("grants.jsonl"),
                "\n{\"id\":\"G-1\",\"licence\":\"LicenseRef-G-1\",\"grantor\":\"Jane Doe\",\"date\":\"2026-01-02\","
                        + "\"evidence\":\"letters/1.pdf\"," + fields + "}\n");
    }

    @Test
    void everyKindOfEntryExcludesWithListLineAndDigest() throws IOException {
        Path image = png(folder, 1);
        Pair pair = pair(
                image,
                "a house, in the manner of jane doe",
                "Max Muster",
                "CC-BY-4.0",
                "https://img.example.com/1.png?utm_source=x",
                Map.of());
        for (String entry : List.of(
                entry("sha256", Sha256.of(image)),
                entry("url", "http://www.img.example.com:80/1.png"),
                entry("domain", "example.com"),
                entry("pdq", Pdq.of(image).hex()),
                entry("creator", "MUSTER, Max"),
                entry("creator", "Jane Doe"),
                entry("licence", "CC BY 4.0"))) {
            Path list = list(entry("sha256", "0".repeat(64)), entry);
            Path compiled = folder.resolve("list.optout");
            new OptOutCompiler().compile(List.of(list), compiled);
            for (Path way : List.of(list, compiled)) {
                Verdict verdict = verdict(lists(way), open(), pair);
                if (entry.contains("MUSTER")) { // the list gives the family name first, the column does not
                    assertThat(verdict.outcome()).as(entry).isEqualTo(Outcome.INCLUDED);
                    continue;
                }
                assertThat(verdict.outcome()).as(entry).isEqualTo(Outcome.EXCLUDED);
                assertThat(entry).contains("\"" + verdict.rule().label() + "\"");
                assertThat(verdict.list()).isEqualTo(list.toString());
                assertThat(verdict.line()).isEqualTo(2);
                assertThat(verdict.listSha256()).isEqualTo(Sha256.of(list));
                assertThat(verdict.sha256()).isEqualTo(Sha256.of(image));
            }
        }
    }

    @Test
    void neighbouringKeysDoNotExclude() throws IOException {
        Path image = png(folder, 1);
        Pair pair = pair(image, "a janedoe house", "Maxi Muster", "CC-BY-4.0", "https://example.com/1.png", Map.of());
        Path list = list(
                entry("sha256", Sha256.of("other".getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                entry("url", "https://example.com/1.PNG"),
                entry("domain", "badexample.com"),
                entry("domain", "img.example.com"),
                entry("pdq", Pdq.of(png(folder, 2)).hex()),
                entry("creator", "Max Muster"),
                entry("creator", "Jane Doe"),
                entry("licence", "CC-BY-SA-4.0"));
        assertThat(verdict(lists(list), open(), pair).outcome()).isEqualTo(Outcome.INCLUDED);
    }

    @Test
    void aDomainWithoutSubdomainsMeansItsHostAlone() throws IOException {
        Path list = list("{\"kind\":\"domain\",\"value\":\"example.com\",\"subdomains\":false}");
        Path compiled = folder.resolve("c.optout");
        new OptOutCompiler().compile(List.of(list), compiled);
        for (Path way : List.of(list, compiled)) {
            assertThat(verdict(lists(way), open(), pair(png(folder, 1), "https://www.example.com/a.png"))
                            .rule())
                    .isEqualTo(Rule.DOMAIN);
            assertThat(verdict(lists(way), open(), pair(png(folder, 1), "https://img.example.com/a.png"))
                            .outcome())
                    .isEqualTo(Outcome.INCLUDED);
        }
    }

    @Test
    void aMirroredTurnedAndReencodedPictureIsStillKnown() throws IOException {
        BufferedImage original = Consents.picture(4);
        Path image = Files.write(folder.resolve("o.png"), Consents.encode(original, "png"));
        BufferedImage turned = new BufferedImage(original.getHeight(), original.getWidth(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < original.getHeight(); y++) {
            for (int x = 0; x < original.getWidth(); x++) {
                turned.setRGB(y, x, original.getRGB(x, y)); // mirrored along the diagonal
            }
        }
        Path copy = Files.write(folder.resolve("copy.jpg"), Consents.encode(turned, "jpg"));
        Path list = list(entry("pdq", Pdq.of(image).hex()));

        assertThat(verdict(lists(list), open(), pair(copy)).rule()).isEqualTo(Rule.PDQ);
        OptOutSettings off = new OptOutSettings(List.of(list), List.of(), List.of(), false, false, 31, true);
        assertThat(verdict(off, open(), pair(copy)).outcome()).isEqualTo(Outcome.INCLUDED);
    }

    @Test
    void copiesOfASmallPictureAreKnownInEveryPosition() throws IOException {
        BufferedImage original = Consents.picture(5);
        Path image = Files.write(folder.resolve("o.png"), Consents.encode(original, "png"));
        OptOutSettings lists = lists(list(entry("pdq", Pdq.of(image).hex())));
        for (int quarter = 0; quarter < 4; quarter++) {
            for (double mirror : new double[] {1, -1}) {
                BufferedImage copy = moved(original, quarter, mirror);
                Path file = Files.write(folder.resolve("copy.png"), Consents.encode(copy, "png"));
                assertThat(verdict(lists, open(), pair(file)).rule())
                        .as(quarter + " quarters, " + mirror)
                        .isEqualTo(Rule.PDQ);
            }
        }
    }

    private static BufferedImage moved(BufferedImage in, int quarters, double mirror) {
        int width = quarters % 2 == 0 ? in.getWidth() : in.getHeight();
        int height = quarters % 2 == 0 ? in.getHeight() : in.getWidth();
        BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = out.createGraphics();
        graphics.translate(width / 2.0, height / 2.0);
        graphics.scale(mirror, 1);
        graphics.rotate(quarters * Math.PI / 2);
        graphics.translate(-in.getWidth() / 2.0, -in.getHeight() / 2.0);
        graphics.drawImage(in, 0, 0, null);
        graphics.dispose();
        return out;
    }

    @Test
    void aFlatPictureIsIncludedWithANoteThatLooksCannotTell() throws IOException {
        BufferedImage flat = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Path image = Files.write(folder.resolve("flat.png"), Consents.encode(flat, "png"));
        Verdict verdict = verdict(lists(list(entry("pdq", "0".repeat(64)))), open(), pair(image));
        assertThat(verdict.outcome()).isEqualTo(Outcome.INCLUDED);
        assertThat(verdict.reason()).contains("too flat");
    }

    @Test
    void captionsCanBeLeftOutOfTheSearchForNames() throws IOException {
        Pair pair = pair(png(folder, 1), "by Jane Doe", null, null, null, Map.of());
        Path list = list(entry("creator", "Jane Doe"));
        OptOutSettings off = new OptOutSettings(List.of(list), List.of(), List.of(), false, true, 31, false);
        assertThat(verdict(lists(list), open(), pair).rule()).isEqualTo(Rule.CREATOR);
        assertThat(verdict(off, open(), pair).outcome()).isEqualTo(Outcome.INCLUDED);
    }

    @Test
    void aTriggerWordThatNamesAnOptedOutCreatorIsRefused() throws IOException {
        ConsentSettings settings = new ConsentSettings(lists(list(entry("creator", "Jane Doe"))), open());
        PairList pairs = new PairList(List.of(pair(png(folder, 1))), List.of());
        assertThatThrownBy(() -> new ConsentFilter(settings, Consents.TODAY).apply(pairs, List.of("jane-doe style")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("list.jsonl line 1")
                .hasMessageContaining("trigger word");
    }

    @Test
    void theWorkItselfIsReportedBeforeItsPlaceAndTheOthersAreNamed() throws IOException {
        Path image = png(folder, 1);
        Path list = list(entry("domain", "example.com"), entry("sha256", Sha256.of(image)));
        Verdict verdict = verdict(
                lists(list), open(), pair(image, "x", null, "GPL-3.0-only", "https://example.com/1.png", Map.of()));
        assertThat(verdict.rule()).isEqualTo(Rule.SHA256);
        assertThat(verdict.reason()).endsWith("(also: domain, licence)");
    }

    @Test
    void onlyARecordedGrantOverridesAndTheLedgerSaysSo() throws IOException {
        Path image = png(folder, 1);
        Pair pair = pair(image, "x", "Jane Doe", null, "https://example.com/1.png", Map.of());
        Path list = list(entry("creator", "Jane Doe"));
        for (String fields : List.of(
                "\"kind\":\"sha256\",\"value\":\"" + Sha256.of(image) + "\"",
                "\"kind\":\"url\",\"value\":\"https://example.com/1.png\"",
                "\"kind\":\"domain\",\"value\":\"example.com\"",
                "\"kind\":\"creator\",\"value\":\"Doe, Jane\",\"aliases\":[\"jane DOE\"],\"until\":\"2026-06-01\"")) {
            Path grants = grants(fields);
            Verdict verdict = verdict(lists(list), licensed(grants), pair);
            assertThat(verdict.outcome()).as(fields).isEqualTo(Outcome.INCLUDED);
            assertThat(verdict.rule()).isEqualTo(Rule.GRANT);
            assertThat(verdict.reason())
                    .contains("G-1", "Jane Doe", "letters/1.pdf", "overrides creator", "list.jsonl line 1");
            assertThat(verdict.list()).isEqualTo(grants.toString());
            assertThat(verdict.line()).isEqualTo(2);
            assertThat(verdict.listSha256()).isEqualTo(Sha256.of(grants));
            assertThat(verdict.licence()).isEqualTo("LicenseRef-G-1");
        }
        for (String fields : List.of(
                "\"kind\":\"creator\",\"value\":\"Jane Doe\",\"until\":\"2026-05-31\"",
                "\"kind\":\"creator\",\"value\":\"Jane\"",
                "\"kind\":\"url\",\"value\":\"https://example.com/2.png\"")) {
            assertThat(verdict(lists(list), open(grants(fields)), pair).rule())
                    .as(fields)
                    .isEqualTo(Rule.CREATOR);
        }
    }

    @Test
    void aGrantOfOneOfTwoMakersIsNotEnough() throws IOException {
        byte[] file;
        try (var in = ConsentFilterTest.class.getResourceAsStream("/atelier/datasets/consent/pillow.jpg")) {
            file = in.readAllBytes(); // by Jane Doe, who prohibits training in XMP
        }
        Path image = Files.write(folder.resolve("p.jpg"), file);
        Path grants = grants("\"kind\":\"creator\",\"value\":\"Jane Doe\"");
        assertThat(verdict(lists(), open(grants), pair(image)).rule()).isEqualTo(Rule.GRANT);
        assertThat(verdict(lists(), open(grants), Consents.by(image, "Max")).rule())
                .isEqualTo(Rule.DATA_MINING);
    }

    @Test
    void aGrantThatIsNotRecordedInFullIsRefused() throws IOException {
        for (String fields : List.of(
                "\"kind\":\"licence\",\"value\":\"CC0-1.0\"",
                "\"kind\":\"creator\"",
                "\"kind\":\"creator\",\"value\":\"x\",\"evidence\":\"\"",
                "\"kind\":\"creator\",\"value\":\"x\",\"untill\":\"2026-01-01\"",
                "\"kind\":\"creator\",\"value\":\"x\",\"until\":\"soon\"")) {
            Path grants = grants(fields);
            assertThatThrownBy(() -> verdict(lists(), open(grants), pair(png(folder, 1))))
                    .as(fields)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("grants.jsonl line 2");
        }
    }

    @Test
    void licensedModeNeedsEvidenceForEachPictureAndForAtLeastOne() throws IOException {
        Pair stated = Consents.under(png(folder, 1), "CC-BY-4.0");
        Pair silent = pair(png(folder, 2));
        Pair wrong = Consents.under(png(folder, 3), "CC-BY-NC-4.0");

        Ledger ledger = Consents.filter(lists(), licensed(), stated, silent, wrong);
        assertThat(ledger.verdicts())
                .extracting(Verdict::outcome)
                .containsExactly(Outcome.INCLUDED, Outcome.EXCLUDED, Outcome.EXCLUDED);
        assertThat(ledger.included()).containsExactly(stated);
        assertThatThrownBy(() -> Consents.filter(lists(), licensed(), silent, wrong))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e).hasMessageContaining("licence.mode is licensed");
                    assertThat(e.ledger()).isNotNull();
                    assertThat(e.ledger().verdicts()).hasSize(2);
                });
        assertThat(Consents.filter(lists(), open(), silent).included()).containsExactly(silent);
    }

    @Test
    void aRegisteredListThatIsMissingOrBrokenStopsTheRun() throws IOException {
        Pair pair = pair(png(folder, 1));
        assertThatThrownBy(() -> verdict(lists(folder.resolve("none.jsonl")), open(), pair))
                .isInstanceOf(RefusedException.class);
        Path broken = list(entry("creator", "x"), "{\"kind\":");
        assertThatThrownBy(() -> verdict(lists(broken), open(), pair))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("list.jsonl line 2");
        assertThatThrownBy(() -> verdict(lists(), open(folder.resolve("no-grants.jsonl")), pair))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void headersPagesAndSitesExcludeByTheAddressTheyWereCapturedFor() throws IOException {
        Path image = png(folder, 1);
        Path sites = folder.resolve("sites");
        Files.createDirectories(sites.resolve("example.org"));
        Path robots = Files.writeString(
                sites.resolve("example.org/robots.txt"), "User-agent: *\nContent-Signal: ai-train=no\n");
        Path replies = Files.writeString(
                folder.resolve("replies.jsonl"),
                "{\"url\":\"https://example.com/1.png\",\"headers\":{\"TDM-Reservation\":\"1\"}}\n"
                        + "{\"url\":\"https://example.com/2.png\",\"html\":\"<meta name='robots' content='noai'>\"}\n");
        OptOutSettings settings =
                new OptOutSettings(List.of(), List.of(sites), List.of(replies), false, true, 31, true);

        Ledger ledger = Consents.filter(
                settings,
                open(),
                pair(image, "https://example.com/1.png#x"),
                pair(image, "http://www.example.com/2.png"),
                pair(image, "https://example.com/3.png"),
                pair(image, "https://example.org/4.png"),
                pair(image, "x", null, null, null, Map.of("X_Robots_Tag", "noai")),
                pair(image, "x", null, null, null, Map.of("headers", "HTTP/1.1 200 OK\nContent-Usage: train-ai=n\n")),
                pair(image, "x", null, null, null, Map.of("headers", "nonsense")),
                pair(image, "x", null, null, null, Map.of("meta_robots", "index, NoImageAI")),
                pair(image, "x", null, null, "https://exa mple/", Map.of()));

        assertThat(ledger.verdicts())
                .extracting(Verdict::rule)
                .containsExactly(
                        Rule.TDMREP,
                        Rule.NOAI,
                        Rule.OPEN,
                        Rule.CONTENT_SIGNAL,
                        Rule.NOAI,
                        Rule.AIPREF,
                        Rule.NOAI,
                        Rule.NOAI,
                        Rule.URL);
        assertThat(ledger.verdicts().get(1).list()).isEqualTo(replies.toString());
        assertThat(ledger.verdicts().get(1).line()).isEqualTo(2);
        assertThat(ledger.verdicts().get(3).listSha256()).isEqualTo(Sha256.of(robots));
    }

    @Test
    void whatCannotBeUsedFailsWithItsReason() throws IOException {
        Path text = Files.writeString(folder.resolve("a.png"), "no image");
        Path gone = folder.resolve("gone.png");
        Finding finding = Finding.error(
                new Origin(Path.of("captions.csv"), 9), Path.of("b.png"), "'b.png' has no caption", "write one");
        ConsentSettings settings = new ConsentSettings(lists(), open());

        Ledger ledger = new ConsentFilter(settings, Consents.TODAY)
                .apply(new PairList(List.of(pair(text), pair(gone)), List.of(finding)));

        assertThat(ledger.verdicts()).extracting(Verdict::outcome).containsOnly(Outcome.FAILED);
        assertThat(ledger.verdicts().get(2).reason()).isEqualTo("'b.png' has no caption; write one");
        assertThat(ledger.verdicts().get(2).line()).isEqualTo(9);
        assertThat(ledger.included()).isEmpty();
    }

    @Test
    void theLedgersFilesAreWholeAndItsDigestIsThatOfTheTable() throws IOException {
        Pair good = pair(png(folder, 1), "x", "Jane | \"Doe\"", "CC0-1.0", "https://example.com/1.png", Map.of());
        Ledger ledger = Consents.filter(lists(), open(), good, Consents.under(png(folder, 2), "NONE"));
        Path run = folder.resolve("run");

        ledger.write(run);
        ledger.write(run);

        assertThat(Sha256.of(run.resolve("ledger.csv"))).isEqualTo(ledger.digest());
        assertThat(Files.readAllLines(run.resolve("ledger.csv")))
                .hasSize(3)
                .first()
                .isEqualTo("image,sha256,verdict,rule,reason,list,line,list_sha256,creator,licence,source");
        assertThat(Files.readString(run.resolve("ledger.json")))
                .contains("\"ledger_csv_sha256\" : \"" + ledger.digest() + "\"", "\"excluded\" : 1");
        assertThat(Files.readString(run.resolve("credits.md")))
                .contains("| picture-1.png | Jane \\| \"Doe\" | CC0-1.0 | https://example.com/1.png |")
                .doesNotContain("picture-2");
        try (var files = Files.list(run)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void picturesThatFailLaterLeaveTheIncludedOnes() throws IOException {
        Pair one = pair(png(folder, 1));
        Pair two = pair(png(folder, 2));
        Ledger ledger = Consents.filter(lists(), open(), one, two);

        Ledger later = ledger.withFailures(Map.of(two.image(), "cannot be decoded"));

        assertThat(later.included()).containsExactly(one);
        assertThat(later.verdicts().get(1).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(later.digest()).isNotEqualTo(ledger.digest());
        assertThat(later.summary()).isEqualTo("2 pictures: 1 included, 0 excluded, 1 failed");
    }

    @Test
    void settingsNameTheKeyThatIsWrong() {
        assertThatThrownBy(() -> new OptOutSettings(List.of(), List.of(), List.of(), false, true, 32, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("optout.perceptual_distance");
        assertThatThrownBy(() -> new LicenceSettings(
                        LicenceMode.OPEN, List.of(), TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of()))
                .hasMessageContaining("licence.allow");
        assertThatThrownBy(() -> new LicenceSettings(
                        LicenceMode.OPEN, List.of("CC-BY-NC-4.0"), TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of()))
                .hasMessageContaining("licence.non_commercial");
    }
}
