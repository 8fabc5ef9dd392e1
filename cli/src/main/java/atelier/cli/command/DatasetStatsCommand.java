package atelier.cli.command;

import atelier.common.file.AtomicFile;
import atelier.common.file.NamedPath;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.PairList;
import atelier.datasets.report.Croissant;
import atelier.datasets.report.DatasetPage;
import atelier.datasets.report.DatasetStatistics;
import atelier.datasets.report.DatasetText;
import atelier.datasets.report.ProcessingSteps;
import atelier.datasets.report.Survey;
import atelier.datasets.report.TrainingSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** {@code dataset stats}: sizes, captions, creators, licences and duplicates, as text, a page, and what to publish. */
public final class DatasetStatsCommand implements Command {
    @Override
    public String name() {
        return "dataset stats";
    }

    @Override
    public String summary() {
        return "statistics of a data set as text and a web page, with Croissant metadata and a summary to publish";
    }

    @Override
    public Class<? extends Record> settings() {
        return DatasetSettings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        DatasetSettings settings = invocation.settings(DatasetSettings.class);
        DataSettings data = settings.data();
        NamedPath.output("out", settings.out());
        PairList pairs = settings.pairs();
        Survey survey = Survey.of(pairs.pairs(), data.decoding(), () -> {});
        DatasetStatistics statistics = DatasetStatistics.of(survey, data.bucketSizes());
        List<Finding> findings = new ArrayList<>(pairs.findings());
        findings.addAll(survey.findings());
        findings.addAll(statistics.duplicates(survey));
        invocation.out().print(DatasetText.of(statistics, findings));

        Files.createDirectories(settings.out());
        // What is published names no folder of this machine.
        String title = NamedPath.name(data.pairs());
        Path page = settings.out().resolve("dataset.html");
        AtomicFile.write(page, DatasetPage.of(title, survey, statistics, findings, data.decoding()));
        Ledger ledger = settings.judge(pairs, invocation.err());
        // Croissant's table is the ledger, by its name.
        ledger.write(settings.out());
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        Path croissant = settings.out().resolve("croissant.json");
        AtomicFile.write(
                croissant,
                Croissant.of(title, "Image-caption pairs, each with its verdict of consent.", ledger, today));
        Path summary = settings.out().resolve("training-summary.md");
        AtomicFile.write(
                summary,
                TrainingSummary.of(
                        "a model trained on " + title,
                        TrainingSummary.FILL_IN,
                        ledger,
                        DatasetStatistics.of(survey.only(ledger.included()), data.bucketSizes()),
                        ProcessingSteps.of(data),
                        today));
        invocation.out().println("page: " + page);
        invocation.out().println("metadata: " + croissant);
        invocation.out().println("summary for Article 53(1)(d) of Regulation (EU) 2024/1689: " + summary);
        return ExitStatus.DONE;
    }
}
