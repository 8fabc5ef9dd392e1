package atelier.trainer.output;

import atelier.common.image.Thumbnail;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ExportMetadata;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.TrainedModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run leaves for other programs: the adapter in kohya's format, base and adapter merged, and what else is asked. */
final class OutputFormats {
    private final ExportSettings export;
    private final String name;

    /** @param name the run's */
    OutputFormats(ExportSettings export, String name) {
        this.export = export;
        this.name = name;
    }

    /**
     * Writes all that the settings ask for; no adapter where the UNet's own weights were trained.
     *
     * @param to takes what is written
     * @param step the last that was made
     * @param samples pictures by the trained model, the first of which goes into the adapter's metadata; may be empty
     */
    void write(RunFolder to, TrainedModel trained, RunMetadata facts, long step, List<BufferedImage> samples)
            throws IOException {
        byte[] thumbnail = samples.isEmpty() || export.thumbnail() == 0
                ? null
                : Thumbnail.jpeg(samples.get(0), export.thumbnail());
        FormatWriter adapterType = exporter(trained, facts, step, thumbnail);
        if (adapterType.adapter() != null) {
            adapterType.kohya(to.adapter());
        }
        for (TextualInversion embedding : trained.weights().embeddings()) {
            Files.createDirectories(to.embeddings());
            embedding.write(to.embeddings().resolve(embedding.fileName()));
        }
        FormatWriter mergedType = adapterType.as(FileDType.of(export.mergedDtype()));
        if (export.merged()) {
            mergedType.write(ExportFormat.MERGED, to.path());
        }
        for (ExportFormat format : export.formats()) {
            (format.isAdapter() ? adapterType : mergedType).write(format, to.exports());
        }
    }

    /** Writes the adapter as it is now, in kohya's format; nothing where the UNet's own weights are trained. */
    void adapter(Path file, TrainedModel trained, RunMetadata facts, long step) throws IOException {
        if (!trained.weights().adapters().isEmpty()) {
            exporter(trained, facts, step, null).kohya(file);
        }
    }

    private FormatWriter exporter(TrainedModel trained, RunMetadata facts, long step, byte @Nullable [] thumbnail)
            throws IOException {
        Checkpoint base = trained.model().checkpoint();
        MergedCheckpoint merged = new MergedCheckpoint(trained);
        AdapterState state = merged.adapter();
        Map<String, String> metadata = facts.of(base, state, step, thumbnail);
        String baseTitle = ExportMetadata.title(
                base.metadata(), String.valueOf(base.source().getFileName()));
        return new FormatWriter(
                base,
                merged.checkpoint(),
                state,
                new FormatWriter.Metadata(metadata, ExportMetadata.ofMerged(base, metadata, List.of(baseTitle, name))),
                FileDType.of(export.adapterDtype()),
                export.maxShardSize().bytes());
    }
}
