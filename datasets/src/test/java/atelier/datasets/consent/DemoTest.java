package atelier.datasets.consent;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.pairs.TextForm;
import atelier.datasets.pairs.form.CaptionCsv;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoTest {
    @Test
    void theDemonstrationLeavesOutWhatItsReadmeSays() throws Exception {
        Path demo = Path.of(System.getProperty("atelier.root"), "datasets", "demo");
        ConsentSettings settings = new ConsentSettings(
                Consents.lists(demo.resolve("optout.jsonl")),
                new LicenceSettings(
                        LicenceMode.LICENSED,
                        List.of("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"),
                        TermPolicy.EXCLUDE,
                        TermPolicy.EXCLUDE,
                        List.of()));

        Ledger ledger = new ConsentFilter(settings, Consents.TODAY)
                .apply(new CaptionCsv(demo.resolve("captions.csv"), demo, TextForm.plain()).read());

        assertThat(ledger.verdicts().stream()
                        .filter(v -> v.outcome() != Outcome.INCLUDED)
                        .map(v -> v.image().getFileName() + " " + v.rule().label())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "1F512.png sha256",
                        "1F9F2.png sha256",
                        "1FAA3.png url",
                        "1F9FC.png url",
                        "shape-1.png creator",
                        "shape-2.png creator",
                        "shape-3.png domain",
                        "shape-4.png domain",
                        "shape-5.png licence",
                        "shape-6.png licence");
        assertThat(ledger.included()).hasSize(ledger.verdicts().size() - 10);
        assertThat(ledger.verdicts().get(0).reason()).contains("CC-BY-SA-4.0");
    }
}
