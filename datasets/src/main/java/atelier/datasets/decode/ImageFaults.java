package atelier.datasets.decode;

import atelier.datasets.decode.header.BadImageException;
import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.nio.file.Path;

/** The sentences for images that cannot be used. */
final class ImageFaults {
    private static final String REPLACE = "replace the file or take its row out";

    private ImageFaults() {}

    static void checkPixels(ImageHeader header, DecodeSettings settings, Origin place, Path image)
            throws FindingException {
        if (header.pixels() > settings.maxPixels()) {
            throw new FindingException(Finding.error(
                    place,
                    image,
                    "'" + image + "' has " + header.width() + " x " + header.height() + " = " + header.pixels()
                            + " pixels, more than " + settings.maxPixels(),
                    "shrink it, or raise data.max_pixels if it is what it seems"));
        }
    }

    static FindingException missing(Origin place, Path image, IOException cause) {
        return new FindingException(
                Finding.error(place, image, "'" + image + "' does not exist", "paths are relative to data.images"),
                cause);
    }

    static FindingException broken(Origin place, Path image, Throwable cause) {
        String fact = cause instanceof BadImageException
                ? String.valueOf(cause.getMessage())
                : "cannot be decoded: " + reason(cause);
        return new FindingException(Finding.error(place, image, "'" + image + "' " + fact, REPLACE), cause);
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
