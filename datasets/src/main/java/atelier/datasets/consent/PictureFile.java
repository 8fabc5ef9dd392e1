package atelier.datasets.consent;

import atelier.datasets.ImageBytes;
import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.hash.Sha256;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a picture's file says, whichever rows name it.
 *
 * @param sha256 its digest; empty when it cannot be read
 * @param signals what it says about itself
 * @param failure why it cannot be used, or null when it can
 */
record PictureFile(
        String sha256, EmbeddedSignals signals, @Nullable String failure) {
    /** Reads the whole file. */
    static PictureFile read(ImageBytes content) {
        byte[] bytes;
        try {
            bytes = content.read();
        } catch (IOException e) {
            return new PictureFile("", EmbeddedSignals.NONE, "the image cannot be read: " + e.getMessage());
        }
        String failure = EmbeddedSignals.isImage(bytes)
                ? null
                : "the file is no image of a known format (JPEG, PNG, WebP, TIFF, GIF, BMP)";
        return new PictureFile(Sha256.of(bytes), EmbeddedSignals.of(bytes), failure);
    }

    boolean isRead() {
        return !sha256.isEmpty();
    }
}
