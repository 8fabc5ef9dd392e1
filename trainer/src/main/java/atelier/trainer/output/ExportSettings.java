package atelier.trainer.output;

import atelier.common.error.WrongCommandException;
import atelier.common.file.ByteSize;
import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.tensor.Precision;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code export} of the configuration: what a run leaves at its end.
 *
 * @param adapterDtype element type of adapter.safetensors
 * @param savedSteps whether the adapter of each saved state is written into its folder
 * @param merged whether merged/ is written: base and adapter in one diffusers folder
 * @param mergedDtype element type of merged/
 * @param maxShardSize weights of a folder beyond this size are split into files with an index
 * @param formats what is written to export/ besides
 * @param thumbnail longer side in pixels of the picture in the adapter's metadata; 0 leaves it out
 * @param author who made the adapter, for its metadata
 * @param description what the adapter is, for its metadata
 * @param licence under which the adapter is given; null says which licences its pictures have
 * @param tags words under which the adapter is found
 * @param date day of the adapter, YYYY-MM-DD; null leaves it out
 */
public record ExportSettings(
        Precision adapterDtype,
        boolean savedSteps,
        boolean merged,
        Precision mergedDtype,
        ByteSize maxShardSize,
        List<ExportFormat> formats,
        int thumbnail,
        @Nullable String author,
        @Nullable String description,
        @Nullable String licence,
        List<String> tags,
        @Nullable String date) {
    private static final int LARGEST_THUMBNAIL = 1024;

    public ExportSettings {
        formats = List.copyOf(formats);
        tags = List.copyOf(tags);
        // Said before training begins, too.
        FileDType.of(adapterDtype);
        FileDType.of(mergedDtype);
        if (thumbnail < 0 || thumbnail > LARGEST_THUMBNAIL) {
            throw new WrongCommandException(
                    "export.thumbnail must be from 0 to " + LARGEST_THUMBNAIL + " pixels, got " + thumbnail);
        }
        checkPublic("author", author);
        checkPublic("description", description);
        checkPublic("licence", licence);
        checkPublic("tags", String.join(", ", tags));
        try {
            if (date != null) {
                LocalDate.parse(date);
            }
        } catch (DateTimeParseException e) {
            throw new WrongCommandException("export.date must be a day such as 2026-01-31, got '" + date + "'", e);
        }
    }

    /** Said before training begins: what goes into the adapter's file must not tell whose machine it was. */
    private static void checkPublic(String key, @Nullable String text) {
        if (text != null && AdapterMetadata.holdsPath(text)) {
            throw new WrongCommandException("export." + key + " goes into the adapter's metadata and must not hold a"
                    + " path, got '" + text + "'");
        }
    }
}
