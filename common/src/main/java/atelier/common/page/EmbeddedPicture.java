package atelier.common.page;

import atelier.common.image.Lanczos;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * A picture that a page carries within itself.
 *
 * @param width in pixels
 * @param height in pixels
 * @param uri the PNG file as a data URI
 */
public record EmbeddedPicture(int width, int height, String uri) {
    /** @param largest longer side in pixels; a larger picture is made smaller */
    public static EmbeddedPicture of(Pixels pixels, int largest) {
        int side = Math.max(pixels.width(), pixels.height());
        Pixels shown = side <= largest
                ? pixels
                : Lanczos.resize(pixels, Math.max(1, (int) ((long) pixels.width() * largest / side)), Math.max(1, (int)
                        ((long) pixels.height() * largest / side)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(Pictures.image(shown), "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new EmbeddedPicture(
                shown.width(),
                shown.height(),
                "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
}
