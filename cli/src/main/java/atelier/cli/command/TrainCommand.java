package atelier.cli.command;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.common.error.WrongCommandException;
import atelier.common.file.FolderLock;
import atelier.common.file.NamedPath;
import atelier.inference.prompt.PlainPrompts;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.trainer.folder.RunEnding;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.SentPasses;
import atelier.trainer.metrics.ConsoleSink;
import atelier.trainer.metrics.CsvSink;
import atelier.trainer.metrics.LogSink;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.metrics.TensorBoardSink;
import atelier.trainer.run.LentParts;
import atelier.trainer.run.OpenedRun;
import atelier.trainer.run.TrainingRun;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code train}: teaches a model a style, and leaves adapter, merged model, ledger, figures and pictures. */
public final class TrainCommand implements Command {
    /** Lines that a whole run shows where no terminal shows a bar, and the fewest steps between two of them. */
    private static final int LINES = 50;

    private static final int LINE_EVERY = 10;

    private final PassesOpener passes;

    /** Computes everything in this process. */
    public TrainCommand() {
        this((settings, invocation) -> null);
    }

    /** @param passes says where the passes of steps are computed */
    public TrainCommand(PassesOpener passes) {
        this.passes = passes;
    }

    /** Where the passes of a run's steps are computed. */
    @FunctionalInterface
    public interface PassesOpener {
        /**
         * Opens it; called when the run's settings are known to be right.
         *
         * @param run what the run was asked, with what was chosen for it
         * @return null for this process
         */
        SentPasses.@Nullable Elsewhere open(TrainingSettings settings, Invocation run) throws IOException;
    }

    @Override
    public String name() {
        return "train";
    }

    @Override
    public String summary() {
        return "fine-tune a model on images that may be trained on";
    }

    @Override
    public Class<? extends Record> settings() {
        return GatedTraining.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Composition composition = invocation.composition();
        GatedTraining settings = composition.bind(GatedTraining.class);
        Path resume = settings.training().resume();
        if (resume != null) {
            requireRun(resume);
            // What the run was asked then, with what is asked now on top.
            composition = new Composer(new ConfigFolder(invocation.root())).rerun(resume, composition.overrides());
        }
        List<String> chosen = new ArrayList<>();
        composition = ChosenSettings.forTraining(
                composition, each -> each.bind(GatedTraining.class).training(), chosen::add);
        settings = composition.bind(GatedTraining.class);
        TrainingSettings bound = settings.training();
        requireSampler(bound.sample().sampler());
        List<String> prompts = bound.sample().prompts();
        if (resume == null && prompts != null) {
            // A run that goes on has its prompts of captions, which are drawn as they are.
            PlainPrompts.require("sample.prompts", prompts);
        }
        OpenedRun opened = TrainingRun.open(bound);
        Path path = resume == null ? bound.run().folder() : resume;
        NamedPath.output("run.dir", path);
        chosen.forEach(invocation.err()::println);
        if (resume == null) {
            trainAnew(opened, path, composition, settings, invocation);
        } else {
            try (FolderLock held = new RunFolder(path).hold("train")) {
                train(opened, path, composition, settings, invocation);
            }
        }
        RunFolder folder = new RunFolder(path);
        invocation.out().println(bound.train().fullFinetune() ? folder.merged() : folder.adapter());
        return ExitStatus.DONE;
    }

    private void trainAnew(
            OpenedRun opened, Path path, Composition composition, GatedTraining settings, Invocation invocation)
            throws Exception {
        try (NewRunFolder made = NewRunFolder.at(path, invocation.err()::println)) {
            try {
                train(opened, path, composition, settings, invocation);
            } catch (WrongCommandException e) {
                made.undo(invocation.err()::println);
                throw e;
            }
        }
    }

    private void train(
            OpenedRun opened, Path path, Composition composition, GatedTraining settings, Invocation invocation)
            throws Exception {
        TrainingSettings bound = settings.training();
        RunFolder folder = RunFolder.create(path);
        boolean resumed = bound.resume() != null;
        if (!resumed) {
            composition.save(path, GatedTraining.class);
        }
        invocation.err().println("run: " + path);
        // What an audit kept back stays behind one.
        boolean gated = settings.audit().required() || Files.exists(folder.withheld());
        AuditGate gate =
                gated ? new AuditGate(settings.audit(), bound.device(), bound.model(), bound.data(), invocation) : null;
        RunFigures figures = new RunFigures();
        try (SentPasses.Elsewhere elsewhere = passes.open(bound, invocation.with(composition))) {
            LentParts lent = new LentParts(
                    (run, lastStep, columns, prompts) -> {
                        // What goes on is known to be the run that stopped; a new one has chosen its prompts.
                        Composition whole = composition.with("sample.prompts", prompts, "chosen");
                        RunEnding.forget(folder);
                        whole.save(path, GatedTraining.class);
                        return describe(
                                MetricSink.all(List.of(
                                        figures, sinks(invocation, bound.train().steps(), run, lastStep, columns))),
                                lastStep,
                                whole,
                                prompts,
                                bound.validation().enabled());
                    },
                    new PipelineSampleDrawer(),
                    gate,
                    elsewhere);
            RunEnding.during(
                    folder, () -> new TrainingRun(bound, opened, folder, lent, invocation.err()::println).run());
        }
        figures.figures().forEach(invocation::report);
    }

    /** A new run's settings, for TensorBoard and the log; those on the command line are what runs differ by. */
    private static MetricSink describe(
            MetricSink sink, long lastStep, Composition asked, List<String> prompts, boolean validates) {
        if (lastStep == 0) {
            sink.text(0, "settings", asked.render());
            sink.text(0, "prompts", String.join("\n", prompts));
            sink.hyperparameters(
                    asked.overridden(),
                    validates
                            ? List.of(MetricRow.VALIDATION, MetricRow.LOSS_SMOOTHED)
                            : List.of(MetricRow.LOSS_SMOOTHED));
        }
        return sink;
    }

    /** Said now, not when the first samples are drawn. */
    private static void requireSampler(String name) {
        try {
            SamplerKind.of(name);
        } catch (WrongCommandException e) {
            throw new WrongCommandException("sample." + e.getMessage(), e);
        }
    }

    private static void requireRun(Path folder) {
        if (!Files.isRegularFile(folder.resolve("resolved.conf"))) {
            throw new WrongCommandException("resume=" + folder + " is no run's folder: it has no resolved.conf;"
                    + " runs lie under run.dir (checkpoints)");
        }
    }

    private static MetricSink sinks(
            Invocation invocation, int steps, RunFolder run, long lastStep, List<String> columns) throws IOException {
        return MetricSink.all(List.of(
                CsvSink.open(run.metrics(), columns, lastStep),
                TensorBoardSink.open(run.tensorBoard(), lastStep, Clock.systemUTC()),
                new LogSink(run.log(), Clock.systemUTC()),
                new ConsoleSink(
                        invocation.err(),
                        lastStep,
                        steps,
                        invocation.terminal(),
                        Math.max(LINE_EVERY, steps / LINES))));
    }
}
