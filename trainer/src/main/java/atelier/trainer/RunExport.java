package atelier.trainer;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.ExportMetadata;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a run leaves for other programs: the adapter in kohya's format, base and adapter merged, and what else is asked. */
final class RunExport {
    private RunExport() {}

    /**
     * Writes all that the settings ask for; no adapter where the UNet's own weights learnt.
     *
     * @param samples pictures by the trained model, the first of which goes into the adapter's metadata; may be empty
     */
    static void write(
            TrainingSettings settings,
            RunFolder folder,
            StableDiffusion model,
            Learnt learnt,
            RunMetadata facts,
            List<BufferedImage> samples)
            throws IOException {
        ExportSettings export = settings.export();
        Checkpoint base = model.checkpoint();
        AdapterState state = learnt.adapters().isEmpty() ? null : learnt.state();
        byte[] thumbnail = samples.isEmpty() || export.thumbnail() == 0
                ? null
                : Thumbnail.jpeg(samples.get(0), export.thumbnail());
        Map<String, String> metadata = facts.of(base, state, folder, thumbnail);
        String baseTitle = ExportMetadata.title(
                base.metadata(), String.valueOf(base.source().getFileName()));
        Exporter adapterType = new Exporter(
                base,
                learnt.into(base),
                state,
                metadata,
                ExportMetadata.ofMerged(
                        base, metadata, List.of(baseTitle, settings.run().name())),
                Exporter.dtype(export.adapterDtype()),
                export.maxShardSize().bytes());
        if (state != null) {
            adapterType.kohya(folder.adapter());
        }
        Exporter mergedType = adapterType.as(Exporter.dtype(export.mergedDtype()));
        if (export.merged()) {
            mergedType.write(ExportFormat.MERGED, folder.path());
        }
        Path others = folder.path().resolve("export");
        for (ExportFormat format : export.formats()) {
            (format.isAdapter() ? adapterType : mergedType).write(format, others);
        }
    }
}
