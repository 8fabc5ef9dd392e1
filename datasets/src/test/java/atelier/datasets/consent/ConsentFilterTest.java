package atelier.datasets.consent;

import static atelier.datasets.consent.Consents.entry;
import static atelier.datasets.consent.Consents.licensed;
import static atelier.datasets.consent.Consents.list;
import static atelier.datasets.consent.Consents.lists;
import static atelier.datasets.consent.Consents.open;
import static atelier.datasets.consent.Consents.pair;
import static atelier.datasets.consent.Consents.png;
import static atelier.datasets.consent.Consents.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.RefusedSetException;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.consent.list.OptOutCompiler;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsentFilterTest {
    @TempDir
    Path folder;

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
            Path list = list(folder, entry("sha256", "0".repeat(64)), entry);
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
                folder,
                entry("sha256", Sha256.of("other".getBytes(StandardCharsets.UTF_8))),
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
        Path list = list(folder, "{\"kind\":\"domain\",\"value\":\"example.com\",\"subdomains\":false}");
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
    void captionsCanBeLeftOutOfTheSearchForNames() throws IOException {
        Pair pair = pair(png(folder, 1), "by Jane Doe", null, null, null, Map.of());
        Path list = list(folder, entry("creator", "Jane Doe"));
        OptOutSettings off = new OptOutSettings(List.of(list), List.of(), List.of(), false, true, 31, false);
        assertThat(verdict(lists(list), open(), pair).rule()).isEqualTo(Rule.CREATOR);
        assertThat(verdict(off, open(), pair).outcome()).isEqualTo(Outcome.INCLUDED);
    }

    @Test
    void aTriggerWordThatNamesAnOptedOutCreatorIsRefused() throws IOException {
        ConsentSettings settings = new ConsentSettings(lists(list(folder, entry("creator", "Jane Doe"))), open());
        PairList pairs = new PairList(List.of(pair(png(folder, 1))), List.of());
        assertThatThrownBy(() -> new ConsentFilter(settings, Consents.TODAY).apply(pairs, List.of("jane-doe style")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("list.jsonl line 1")
                .hasMessageContaining("trigger word");
    }

    @Test
    void theWorkItselfIsReportedBeforeItsPlaceAndTheOthersAreNamed() throws IOException {
        Path image = png(folder, 1);
        Path list = list(folder, entry("domain", "example.com"), entry("sha256", Sha256.of(image)));
        Verdict verdict = verdict(
                lists(list), open(), pair(image, "x", null, "GPL-3.0-only", "https://example.com/1.png", Map.of()));
        assertThat(verdict.rule()).isEqualTo(Rule.SHA256);
        assertThat(verdict.reason()).endsWith("(also: domain, licence)");
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
                .isInstanceOfSatisfying(RefusedSetException.class, e -> {
                    assertThat(e).hasMessageContaining("licence.mode is licensed");
                    assertThat(e.ledger().verdicts()).hasSize(2);
                });
        assertThat(Consents.filter(lists(), open(), silent).included()).containsExactly(silent);
    }

    @Test
    void aRegisteredListThatIsMissingOrBrokenStopsTheRun() throws IOException {
        Pair pair = pair(png(folder, 1));
        assertThatThrownBy(() -> verdict(lists(folder.resolve("none.jsonl")), open(), pair))
                .isInstanceOf(RefusedException.class);
        Path broken = list(folder, entry("creator", "x"), "{\"kind\":");
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
    void settingsNameTheKeyThatIsWrong() {
        assertThatThrownBy(() -> new OptOutSettings(List.of(), List.of(), List.of(), false, true, 32, true))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("optout.perceptual_distance");
        assertThatThrownBy(() -> new LicenceSettings(
                        LicenceMode.OPEN, List.of(), TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of()))
                .hasMessageContaining("licence.allow");
        assertThatThrownBy(() -> new LicenceSettings(
                        LicenceMode.OPEN, List.of("CC-BY-NC-4.0"), TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of()))
                .hasMessageContaining("licence.non_commercial");
    }

    @Test
    void rowsThatRepeatWhatOthersSayAreJudgedAsIfAlone() throws IOException {
        Path list = Files.writeString(folder.resolve("many.jsonl"), """
                {"kind":"creator","value":"Jane Doe"}
                {"kind":"domain","value":"example.org","subdomains":true}
                {"kind":"url","value":"https://example.com/a"}
                {"kind":"licence","value":"CC-BY-4.0"}
                """);
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        List<Path> images =
                List.of(Consents.png(folder, 1), Consents.png(folder, 2), broken, folder.resolve("missing.png"));
        String[] creators = {null, "Jane Doe", "Doe, Jane", "Zoë", " "};
        String[] licences = {null, "CC0-1.0", "cc by 4.0", "CC-BY-NC-4.0", "no licence at all", "NOASSERTION"};
        String[] sources = {null, "https://example.com/a?utm_a=1", "https://www.example.org/", "https://", "a book"};
        List<Map<String, String>> extras =
                List.of(Map.of(), Map.of("page_url", "https://pages.example.org/1"), Map.of("x-robots-tag", "noai"));
        Random random = new Random(11);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            pairs.add(Consents.pair(
                    images.get(random.nextInt(images.size())),
                    random.nextInt(5) == 0 ? "ink by jane doe" : "picture " + i,
                    creators[random.nextInt(creators.length)],
                    licences[random.nextInt(licences.length)],
                    sources[random.nextInt(sources.length)],
                    extras.get(random.nextInt(extras.size()))));
        }
        OptOutSettings optout = Consents.lists(list);
        List<Verdict> together = Consents.filter(optout, Consents.open(), pairs.toArray(Pair[]::new))
                .verdicts();
        for (int i = 0; i < pairs.size(); i++) {
            assertThat(together.get(i)).isEqualTo(Consents.verdict(optout, Consents.open(), pairs.get(i)));
        }
        assertThat(together).extracting(Verdict::outcome).contains(Outcome.values());
    }
}
