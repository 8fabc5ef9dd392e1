package atelier.trainer.run;

import atelier.datasets.batch.EpochOrder;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.output.CardMetadata;
import atelier.trainer.output.DataMetadata;
import atelier.trainer.output.ObjectiveMetadata;
import atelier.trainer.output.RunMetadata;
import atelier.trainer.output.TrainingMetadata;
import atelier.trainer.prepare.JudgedPairs;

/** What the files of a run say of it, each part of the settings that it tells. */
final class RunDescription {
    private RunDescription() {}

    /** @param order of the steps */
    static RunMetadata of(TrainingSettings settings, JudgedPairs pairs, EpochOrder order, RunFolder folder) {
        String name = settings.run().name();
        return new RunMetadata(
                new TrainingMetadata(
                        name,
                        settings.adapter(),
                        settings.optimizer(),
                        settings.schedule(),
                        settings.train(),
                        settings.model().dtype()),
                new ObjectiveMetadata(settings.objective()),
                new DataMetadata(settings.data(), pairs, order),
                new CardMetadata(name, settings.export(), settings.data().triggerWord()),
                folder.path().resolve("credits.md"));
    }
}
