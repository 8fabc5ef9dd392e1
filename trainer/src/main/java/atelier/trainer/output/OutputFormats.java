package atelier.trainer.output;

import atelier.common.image.Thumbnail;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ExportMetadata;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.settings.ExportFormat;
import atelier.trainer.settings.ExportSettings;
import atelier.trainer.settings.FileDType;
import atelier.trainer.settings.TrainingSettings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run leaves for other programs: the adapter in kohya's format, base and adapter merged, and what else is asked. */
final class OutputFormats {
    private OutputFormats() {}

    /**
     * Writes all that the settings ask for; no adapter where the UNet's own weights were trained.
     *
     * @param folder the run's
     * @param to takes what is written
     * @param samples pictures by the trained model, the first of which goes into the adapter's metadata; may be empty
     */
    static void write(
            TrainingSettings settings,
            RunFolder folder,
            RunFolder to,
            StableDiffusion model,
            TrainableWeights trainable,
            RunMetadata facts,
            List<BufferedImage> samples)
            throws IOException {
        ExportSettings export = settings.export();
        byte[] thumbnail = samples.isEmpty() || export.thumbnail() == 0
                ? null
                : Thumbnail.jpeg(samples.get(0), export.thumbnail());
        FormatWriter adapterType = exporter(settings, folder, model.checkpoint(), trainable, facts, thumbnail);
        if (adapterType.adapter() != null) {
            adapterType.kohya(to.adapter());
        }
        FormatWriter mergedType = adapterType.as(FileDType.of(export.mergedDtype()));
        if (export.merged()) {
            mergedType.write(ExportFormat.MERGED, to.path());
        }
        for (ExportFormat format : export.formats()) {
            (format.isAdapter() ? adapterType : mergedType).write(format, to.exports());
        }
    }

    /** Writes the adapter with the least validation loss so far; nothing where the UNet's own weights are trained. */
    static void best(
            TrainingSettings settings,
            RunFolder folder,
            RunFolder to,
            StableDiffusion model,
            TrainableWeights trainable,
            RunMetadata facts)
            throws IOException {
        if (!trainable.adapters().isEmpty()) {
            exporter(settings, folder, model.checkpoint(), trainable, facts, null)
                    .kohya(to.bestAdapter());
        }
    }

    private static FormatWriter exporter(
            TrainingSettings settings,
            RunFolder folder,
            Checkpoint base,
            TrainableWeights trainable,
            RunMetadata facts,
            byte @Nullable [] thumbnail)
            throws IOException {
        AdapterState state = trainable.adapters().isEmpty() ? null : trainable.state();
        Map<String, String> metadata = facts.of(base, state, folder, thumbnail);
        String baseTitle = ExportMetadata.title(
                base.metadata(), String.valueOf(base.source().getFileName()));
        return new FormatWriter(
                base,
                trainable.into(base),
                state,
                metadata,
                ExportMetadata.ofMerged(
                        base, metadata, List.of(baseTitle, settings.run().name())),
                FileDType.of(settings.export().adapterDtype()),
                settings.export().maxShardSize().bytes());
    }
}
