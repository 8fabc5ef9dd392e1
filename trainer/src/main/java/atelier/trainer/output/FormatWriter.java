package atelier.trainer.output;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.KohyaWriter;
import atelier.diffusion.adapter.file.PeftWriter;
import atelier.diffusion.text.TokenizerFolders;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.FolderWriter;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.SingleFileWriter;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one result in the formats of other programs.
 *
 * @param base the model that the adapter is for
 * @param merged the model with the adapter in its weights
 * @param adapter alone; null where there is only a model
 * @param metadata what the files say of themselves
 * @param dtype element type of what is written
 * @param shardBytes weights of a folder beyond this size are split into files with an index
 */
public record FormatWriter(
        Checkpoint base,
        Checkpoint merged,
        @Nullable AdapterState adapter,
        Metadata metadata,
        DType dtype,
        long shardBytes) {
    /**
     * What files say of themselves.
     *
     * @param adapter for files of the adapter
     * @param merged for a single file of the model
     */
    public record Metadata(Map<String, String> adapter, Map<String, String> merged) {}

    /** The same with another element type. */
    FormatWriter as(DType type) {
        return new FormatWriter(base, merged, adapter, metadata, type, shardBytes);
    }

    /**
     * Writes one format to its place in a folder, whole or not at all.
     *
     * @return the file or folder
     * @throws atelier.diffusion.weights.safetensors.WeightsException when the format cannot hold the adapter, with the remedy
     */
    public Path write(ExportFormat format, Path folder) throws IOException {
        Path place = folder.resolve(format.place());
        switch (format) {
            case KOHYA -> kohya(place);
            case PEFT -> PeftWriter.folder(required(format), base, place, dtype, metadata.adapter());
            case DIFFUSERS -> PeftWriter.diffusers(required(format), place, dtype, metadata.adapter());
            case MERGED -> FolderWriter.write(merged, place, dtype, shardBytes, TokenizerFolders.of(base));
            case SINGLE_FILE -> SingleFileWriter.write(merged, place, dtype, metadata.merged());
        }
        return place;
    }

    /** Writes kohya's format to a file of any name. */
    void kohya(Path file) throws IOException {
        ModuleNames names = ModuleNames.of(base.component(Component.UNET).config());
        KohyaWriter.write(required(ExportFormat.KOHYA), file, dtype, base.family(), names, metadata.adapter());
    }

    private AdapterState required(ExportFormat format) {
        if (adapter == null) {
            throw new WrongCommandException("there is no adapter to write as "
                    + format.name().toLowerCase(Locale.ROOT)
                    + "; write merged or single_file, or name adapters");
        }
        return adapter;
    }
}
