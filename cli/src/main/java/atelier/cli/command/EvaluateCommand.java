package atelier.cli.command;

import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.common.console.Progress;
import atelier.common.console.ProgressWatch;
import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.common.file.NamedPath;
import atelier.diffusion.model.Devices;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.AuditSettings;
import atelier.evaluation.features.EfficientNetLite0;
import atelier.evaluation.measure.EvaluatedRun;
import atelier.evaluation.measure.Evaluation;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.EvaluationSettings;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.report.Comparison;
import atelier.evaluation.report.ComparisonPage;
import atelier.evaluation.report.DataSummary;
import atelier.evaluation.report.ModelCard;
import atelier.evaluation.report.ReportJson;
import atelier.evaluation.report.ReportPage;
import atelier.inference.prompt.PlainPrompts;
import atelier.trainer.folder.ReadRuns;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code evaluate}: judges a run, or sets evaluated runs side by side. */
public final class EvaluateCommand implements Command {
    /**
     * The keys.
     *
     * @param run a run's folder
     * @param compare folders of evaluated runs, which are set side by side instead
     * @param device auto, cpu, cuda or cuda:N
     * @param out where the report goes; null takes the run's folder
     */
    record Settings(
            Path run,
            List<Path> compare,
            String device,
            @Nullable Path out,
            EvaluationSettings evaluation,
            AuditSettings audit) {}

    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String summary() {
        return "measure a run: style, prompt adherence, diversity, drift and memorisation";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public String bareWordKey() {
        return "run";
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Settings settings = invocation.settings(Settings.class);
        List<Path> runs = settings.compare().isEmpty() ? List.of(settings.run()) : settings.compare();
        try (ReadRuns held = ReadRuns.hold(runs)) {
            return settings.compare().isEmpty()
                    ? evaluate(settings.run(), settings, invocation)
                    : compare(settings, invocation);
        }
    }

    private static ExitStatus evaluate(Path path, Settings settings, Invocation invocation) throws IOException {
        PlainPrompts.require("evaluation.neutral_prompts", settings.evaluation().neutralPrompts());
        EvaluatedRun run = evaluated(path, invocation.root());
        Path out = NamedPath.output("out", settings.out() == null ? path.resolve("evaluation") : settings.out());
        EvaluationResult result;
        try (Kernels kernels = Kernels.load(Devices.of(settings.device()), Evaluation.KERNELS);
                EfficientNetLite0 network = EfficientNetLite0.load(kernels);
                ProgressWatch watched = new ProgressWatch("evaluate", invocation.err(), invocation.terminal())) {
            AuditSettings audit = settings.evaluation().audit() ? settings.audit() : null;
            result = new Evaluation(settings.evaluation(), audit, run, kernels, network, new Progress(watched))
                    .evaluate();
        }
        Files.createDirectories(out);
        Path page = out.resolve("report.html");
        AtomicFile.write(out.resolve("report.json"), ReportJson.of(result).toPrettyString());
        AtomicFile.write(page, ReportPage.html(result));
        DataSummary data = DataSummary.of(run.ledger());
        Path credits = path.resolve("credits.md");
        String credited = Files.exists(credits) ? Files.readString(credits, StandardCharsets.UTF_8) : "";
        AtomicFile.write(path.resolve("README.md"), ModelCard.markdown(result, data, credited));
        AtomicFile.write(out.resolve("data-summary.md"), "# " + run.name() + ": data\n" + data.markdown());
        result.measures()
                .forEach(measure -> invocation.report(
                        measure.key(), measure.adapted().interval().value()));
        Verdicts.of(result).forEach(verdict -> invocation.err().println(verdict.question() + " " + verdict.answer()));
        ExitStatus ended = ended(result.broken(), page, invocation);
        return settings.audit().required() ? permitted(result.audit(), new RunFolder(path), ended) : ended;
    }

    /** Keeps the run from `export` while an audit that is required says so. */
    private static ExitStatus permitted(@Nullable AuditResult audit, RunFolder run, ExitStatus ended)
            throws IOException {
        String refusal = audit == null
                ? "audit.required=true and evaluation.audit=false"
                : audit.refusal().orElse("");
        if (refusal.isEmpty()) {
            Files.deleteIfExists(run.withheld());
            return ended;
        }
        AtomicFile.write(run.withheld(), refusal);
        throw new RefusedException(
                refusal + ". `export run=" + run.path() + "` refuses from now on, until an audit of it passes");
    }

    /** What the run's own resolved.conf says of it. */
    private static EvaluatedRun evaluated(Path path, Path root) {
        RunFolder folder = new RunFolder(path);
        Path adapter = folder.adapter();
        if (!Files.exists(adapter)) {
            AuditGate.requireReleased(folder);
        }
        if (!Files.isRegularFile(adapter) || !Files.isRegularFile(folder.ledger())) {
            throw new WrongCommandException("run=" + path + " holds no " + adapter.getFileName()
                    + " and ledger.csv; name the folder of a run that has ended, such as checkpoints/demo");
        }
        Composition asked = new Composer(new ConfigFolder(root)).rerun(path, List.of());
        TrainingSettings training = asked.bind(GatedTraining.class).training();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("method", training.adapter().method().toString().toLowerCase(Locale.ROOT));
        facts.put("rank", String.valueOf(training.adapter().rank()));
        facts.put("steps", String.valueOf(training.train().steps()));
        facts.put("batch size", String.valueOf(training.train().batchSize()));
        facts.put("learning rate", String.valueOf(training.optimizer().lr()));
        facts.put("training seed", String.valueOf(training.train().seed()));
        facts.put("precision", training.model().dtype().toString().toLowerCase(Locale.ROOT));
        return new EvaluatedRun(training.run().name(), path, training.model(), adapter, training.data(), facts);
    }

    private static ExitStatus compare(Settings settings, Invocation invocation) throws IOException {
        Comparison comparison = Comparison.of(
                settings.compare(),
                settings.evaluation().limits(),
                settings.evaluation().seed());
        Path out =
                NamedPath.output("out", settings.out() == null ? Path.of("checkpoints", "comparison") : settings.out());
        Files.createDirectories(out);
        Path page = out.resolve("comparison.html");
        AtomicFile.write(page, ComparisonPage.html(comparison));
        invocation.out().print(ComparisonPage.text(comparison));
        return ended(comparison.broken(), page, invocation);
    }

    private static ExitStatus ended(List<String> broken, Path page, Invocation invocation) {
        broken.forEach(line -> invocation.err().println("limit broken: " + line));
        invocation.out().println(page);
        return broken.isEmpty() ? ExitStatus.DONE : ExitStatus.FAILED;
    }
}
