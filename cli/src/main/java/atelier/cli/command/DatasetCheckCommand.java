package atelier.cli.command;

import atelier.common.file.NamedPath;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.Severity;
import atelier.datasets.report.DatasetStatistics;
import atelier.datasets.report.Survey;
import atelier.diffusion.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code dataset check}: decodes every image, names everything amiss, and writes the ledger that training would. */
public final class DatasetCheckCommand implements Command {
    @Override
    public String name() {
        return "dataset check";
    }

    @Override
    public String summary() {
        return "check every image and caption, report problems, and write the ledger";
    }

    @Override
    public Class<? extends Record> settings() {
        return DatasetSettings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        DatasetSettings settings = invocation.settings(DatasetSettings.class);
        NamedPath.output("out", settings.out());
        PairList pairs = settings.pairs();
        Survey survey = Survey.of(pairs.pairs(), settings.data().decoding(), () -> {});
        List<Finding> findings = new ArrayList<>(pairs.findings());
        findings.addAll(survey.findings());
        findings.addAll(
                DatasetStatistics.of(survey, settings.data().bucketSizes()).duplicates(survey));
        ClipTokenizer clip = ClipTokenizer.bundled("<|endoftext|>");
        findings.addAll(new CaptionTools(settings.data().captions())
                .tooLong(
                        pairs.pairs(),
                        caption -> clip.words(caption).length,
                        settings.data().captionWindows()));
        for (Finding finding : findings) {
            String severity = finding.severity().name().toLowerCase(Locale.ROOT);
            invocation.out().println(severity + ": " + finding.message());
        }
        Ledger ledger = settings.judge(pairs, invocation.err()).withFailures(unusable(survey));
        OptOutCheckCommand.write(ledger, settings.out(), invocation.out());
        boolean sound = findings.stream().noneMatch(finding -> finding.severity() == Severity.ERROR);
        return sound ? ExitStatus.DONE : ExitStatus.FAILED;
    }

    private static Map<Path, String> unusable(Survey survey) {
        Map<Path, String> reasons = new HashMap<>();
        for (Finding finding : survey.findings()) {
            if (finding.image() != null && finding.severity() == Severity.ERROR) {
                reasons.put(finding.image(), finding.fact() + "; " + finding.remedy());
            }
        }
        return reasons;
    }
}
