package atelier.datasets.image;

import atelier.datasets.Finding;
import atelier.datasets.FindingException;
import atelier.datasets.ImageBytes;
import atelier.datasets.Origin;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Decodes image files to 8-bit sRGB. */
public final class ImageDecoder {
    private final DecodeSettings settings;

    public ImageDecoder(DecodeSettings settings) {
        this.settings = settings;
    }

    /**
     * Decodes one image.
     *
     * @param content its encoded bytes
     * @param place what a message names
     * @throws FindingException when it is missing, broken, of an unknown format or larger than data.max_pixels
     */
    public Pixels decode(ImageBytes content, Origin place) throws FindingException {
        @Nullable BufferedImage image;
        try {
            image = ImageIO.read(new ByteArrayInputStream(content.read()));
        } catch (IOException e) {
            throw new FindingException(
                    Finding.error(place, place.file(), "cannot be decoded", "replace the file or take it out"), e);
        }
        if (image == null || (long) image.getWidth() * image.getHeight() > settings.maxPixels()) {
            throw new FindingException(
                    Finding.error(place, place.file(), "is no image", "replace the file or take it out"));
        }
        byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
        for (int y = 0, k = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int c = image.getRGB(x, y);
                rgb[k++] = (byte) (c >> 16);
                rgb[k++] = (byte) (c >> 8);
                rgb[k++] = (byte) c;
            }
        }
        return new Pixels(image.getWidth(), image.getHeight(), rgb);
    }
}
