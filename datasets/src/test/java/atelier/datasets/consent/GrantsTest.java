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
import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantsTest {
    @TempDir
    Path folder;

    private Path grants(String fields) throws IOException {
        return Files.writeString(
                folder.resolve("grants.jsonl"),
                "\n{\"id\":\"G-1\",\"licence\":\"LicenseRef-G-1\",\"grantor\":\"Jane Doe\",\"date\":\"2026-01-02\","
                        + "\"evidence\":\"letters/1.pdf\"," + fields + "}\n");
    }

    @Test
    void onlyARecordedGrantOverridesAndTheLedgerSaysSo() throws IOException {
        Path image = png(folder, 1);
        Pair pair = pair(image, "x", "Jane Doe", null, "https://example.com/1.png", Map.of());
        Path list = list(folder, entry("creator", "Jane Doe"));
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
        try (var in = GrantsTest.class.getResourceAsStream("/atelier/datasets/consent/pillow.jpg")) {
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
}
