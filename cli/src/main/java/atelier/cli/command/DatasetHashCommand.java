package atelier.cli.command;

import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.form.PairSources;
import atelier.datasets.report.ImageFacts;
import atelier.datasets.report.Survey;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** {@code dataset hash}: each image's digests, as opt-out lists hold them. */
public final class DatasetHashCommand implements Command {
    /** The keys; those of consent come with the group data, and are not looked at. */
    record Settings(DataSettings data, OptOutSettings optout, LicenceSettings licence) {}

    @Override
    public String name() {
        return "dataset hash";
    }

    @Override
    public String summary() {
        return "print each image's SHA-256 and PDQ digests as CSV, as opt-out lists state them";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        DataSettings data = invocation.settings(Settings.class).data();
        PairList pairs =
                PairSources.open(data.pairs(), data.images(), data.texts()).read();
        Survey survey = Survey.of(pairs.pairs(), data.decoding(), () -> {});
        invocation.out().println("image,sha256,pdq,pdq_quality");
        for (int i = 0; i < survey.pairs().size(); i++) {
            Optional<ImageFacts> facts = survey.facts().get(i);
            if (facts.isPresent()) {
                String image = survey.pairs().get(i).image().toString().replace("\"", "\"\"");
                invocation
                        .out()
                        .printf(
                                Locale.ROOT,
                                "\"%s\",%s,%s,%d%n",
                                image,
                                facts.get().sha256(),
                                facts.get().pdq().hex(),
                                facts.get().pdq().quality());
            }
        }
        for (Finding finding : survey.findings()) {
            invocation.err().println("error: " + finding.message());
        }
        return survey.findings().isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
    }
}
