package atelier.trainer;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.ExportMetadata;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run leaves for other programs: the adapter in kohya's format, base and adapter merged, and what else is asked. */
final class RunExport {
    private RunExport() {}

    /**
     * Writes all that the settings ask for; no adapter where the UNet's own weights learnt.
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
            Learnt learnt,
            RunMetadata facts,
            List<BufferedImage> samples)
            throws IOException {
        ExportSettings export = settings.export();
        byte[] thumbnail = samples.isEmpty() || export.thumbnail() == 0
                ? null
                : Thumbnail.jpeg(samples.get(0), export.thumbnail());
        Exporter adapterType = exporter(settings, folder, model.checkpoint(), learnt, facts, thumbnail);
        if (adapterType.adapter() != null) {
            adapterType.kohya(to.adapter());
        }
        Exporter mergedType = adapterType.as(Exporter.dtype(export.mergedDtype()));
        if (export.merged()) {
            mergedType.write(ExportFormat.MERGED, to.path());
        }
        for (ExportFormat format : export.formats()) {
            (format.isAdapter() ? adapterType : mergedType).write(format, to.exports());
        }
    }

    /** Writes the adapter with the least validation loss so far; nothing where the UNet's own weights learn. */
    static void best(
            TrainingSettings settings,
            RunFolder folder,
            RunFolder to,
            StableDiffusion model,
            Learnt learnt,
            RunMetadata facts)
            throws IOException {
        if (!learnt.adapters().isEmpty()) {
            exporter(settings, folder, model.checkpoint(), learnt, facts, null).kohya(to.bestAdapter());
        }
    }

    private static Exporter exporter(
            TrainingSettings settings,
            RunFolder folder,
            Checkpoint base,
            Learnt learnt,
            RunMetadata facts,
            byte @Nullable [] thumbnail)
            throws IOException {
        AdapterState state = learnt.adapters().isEmpty() ? null : learnt.state();
        Map<String, String> metadata = facts.of(base, state, folder, thumbnail);
        String baseTitle = ExportMetadata.title(
                base.metadata(), String.valueOf(base.source().getFileName()));
        return new Exporter(
                base,
                learnt.into(base),
                state,
                metadata,
                ExportMetadata.ofMerged(
                        base, metadata, List.of(baseTitle, settings.run().name())),
                Exporter.dtype(settings.export().adapterDtype()),
                settings.export().maxShardSize().bytes());
    }
}
