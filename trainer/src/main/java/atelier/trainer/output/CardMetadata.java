package atelier.trainer.output;

import atelier.diffusion.adapter.file.AdapterMetadata;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What people are told of an adapter.
 *
 * @param title the run's name
 * @param triggerWord a word that captions began with; blank for none
 */
public record CardMetadata(String title, ExportSettings export, String triggerWord) {
    /**
     * @param licences of the pictures, which stand in for a licence that is not stated
     * @param thumbnail a small JPEG; null for none
     */
    void write(AdapterMetadata metadata, Collection<String> licences, byte @Nullable [] thumbnail) {
        metadata.text("modelspec.title", title);
        String licence = export.licence() == null
                ? "not stated; its pictures: " + String.join(", ", licences)
                : export.licence();
        metadata.text("modelspec.license", licence);
        optional(metadata, "modelspec.trigger_phrase", triggerWord);
        optional(metadata, "modelspec.author", export.author());
        optional(metadata, "modelspec.description", export.description());
        optional(metadata, "modelspec.tags", String.join(", ", export.tags()));
        optional(metadata, "modelspec.date", export.date());
        if (thumbnail != null) {
            metadata.thumbnail(thumbnail);
        }
    }

    private static void optional(AdapterMetadata metadata, String key, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            metadata.text(key, value);
        }
    }
}
