package atelier.datasets.consent;

import atelier.common.file.Sha256;
import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.pairs.ImageBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a picture's file says, whichever rows name it.
 *
 * @param sha256 its digest; empty when it cannot be read
 * @param signals what it says about itself
 * @param failure why it cannot be used, or null when it can
 */
record FileStatements(
        String sha256, EmbeddedSignals signals, @Nullable String failure) {
    /** Reads the whole file. */
    static FileStatements read(ImageBytes content) {
        byte[] bytes;
        try {
            bytes = content.read();
        } catch (IOException e) {
            return new FileStatements("", EmbeddedSignals.NONE, "the image cannot be read: " + e.getMessage());
        }
        String failure = EmbeddedSignals.isImage(bytes)
                ? null
                : "the file is no image of a known format (JPEG, PNG, WebP, TIFF, GIF, BMP)";
        return new FileStatements(Sha256.of(bytes), EmbeddedSignals.of(bytes), failure);
    }

    boolean isRead() {
        return !sha256.isEmpty();
    }
}
