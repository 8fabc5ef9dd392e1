package atelier.cli.embedding;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.command.GatedTraining;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.run.LentParts;
import atelier.trainer.run.OpenedRun;
import atelier.trainer.run.TrainingRun;
import atelier.trainer.run.TrainingSettings;
import java.nio.file.Path;
import java.util.List;

/** Trains an adapter with the settings of configs/ and given changes: REPOSITORY [KEY=VALUE ...]. */
public final class TrainAdapter {
    private TrainAdapter() {}

    private static TrainingSettings bound(Composition composition) {
        return composition.bind(GatedTraining.class).training();
    }

    public static void main(String[] arguments) throws Exception {
        List<String> words = List.of(arguments);
        ConfigFolder configs = new ConfigFolder(Path.of(words.get(0)));
        Composition composition = new Composer(configs).compose("train", words.subList(1, words.size()));
        TrainingSettings settings =
                bound(ChosenSettings.forTraining(composition, TrainAdapter::bound, System.out::println));

        OpenedRun opened = TrainingRun.open(settings);
        RunFolder folder = RunFolder.create(settings.run().folder());
        // Neither rows of figures nor samples, and no audit.
        LentParts none = new LentParts(
                (run, lastStep, figures, prompts) -> MetricSink.all(List.of()),
                (model, prompts, samples) -> List.of(),
                null);
        new TrainingRun(settings, opened, folder, none, System.out::println).run();
        System.out.println(folder.adapter());
    }
}
