package atelier.cli.command;

import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.common.error.WrongCommandException;
import atelier.common.file.NamedPath;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelSource;
import atelier.trainer.folder.ReadRuns;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.output.ExportFormat;
import atelier.trainer.output.FormatWriter;
import atelier.trainer.output.SchedulerConfigUpdate;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code export}: writes adapters, alone or merged into their base model, in the formats of other programs; adds, weighs
 * and resizes them on the way, or takes them from the difference of two models.
 */
public final class ExportCommand implements Command {
    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "write adapters or merged models for other programs; add, resize and extract adapters";
    }

    @Override
    public Class<? extends Record> settings() {
        return ExportCommandSettings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        ExportCommandSettings settings = invocation.settings(ExportCommandSettings.class);
        Path folder = NamedPath.output("out", settings.folder());
        Path run = settings.source().run();
        try (ReadRuns held = ReadRuns.hold(run == null ? List.of() : List.of(run))) {
            Checkpoint base = base(settings.source(), invocation.root());
            FormatWriter exporter = ExportSource.open(settings, base, invocation.err()::println);
            Files.createDirectories(folder);
            for (ExportFormat format : settings.output().format()) {
                invocation.out().println(exporter.write(format, folder));
            }
            return ExitStatus.DONE;
        }
    }

    /** The model that was named, or that the run started from, as its resolved.conf says. */
    private static Checkpoint base(ExportCommandSettings.Source source, Path root) throws IOException {
        Path run = source.run();
        Path named = source.model().path();
        boolean known = run != null && Files.isRegularFile(run.resolve("resolved.conf"));
        if (named != null && !(known && source.isRun())) {
            return Checkpoint.open(new ModelSource(named, source.model().vae(), null, null));
        }
        if (run == null || !known) {
            throw new WrongCommandException("run=" + run + " is no run's folder: it has no resolved.conf; name one,"
                    + " such as checkpoints/demo, or give model.path");
        }
        Composition asked = new Composer(new ConfigFolder(root)).rerun(run, List.of());
        asked.check();
        TrainingSettings training = asked.bind(GatedTraining.class).training();
        ModelSource own = training.model().source();
        Checkpoint base = Checkpoint.open(new ModelSource(
                named == null ? asked.path("model.path") : named,
                source.model().vae() == null ? own.vae() : source.model().vae(),
                own.textEncoder(),
                own.predictionType()));
        // The run may have taught it another prediction: whoever draws with the result must know.
        ObjectiveSettings objective = training.objective();
        return base.withScheduler(SchedulerConfigUpdate.of(base.schedulerConfig(), objective));
    }
}
