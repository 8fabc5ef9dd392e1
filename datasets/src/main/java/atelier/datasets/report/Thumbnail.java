package atelier.datasets.report;

import atelier.datasets.FindingException;
import atelier.datasets.Pair;
import atelier.datasets.image.ImageDecoder;
import atelier.datasets.image.Lanczos;
import atelier.datasets.image.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small pictures inside a page. */
final class Thumbnail {
    private static final int SIDE = 96;

    private Thumbnail() {}

    /** A data URI of the image, at most 96 pixels a side; empty when the image cannot be decoded. */
    static Optional<String> of(Pair pair, ImageDecoder decoder) throws IOException {
        try {
            Pixels pixels = decoder.decode(pair);
            double scale = Math.min(1, (double) SIDE / Math.max(pixels.width(), pixels.height()));
            return Optional.of(uri(Lanczos.resize(
                    pixels, Math.max(1, (int) Math.round(pixels.width() * scale)), Math.max(1, (int)
                            Math.round(pixels.height() * scale)))));
        } catch (FindingException e) {
            return Optional.empty();
        }
    }

    private static String uri(Pixels pixels) throws IOException {
        BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                image.setRGB(x, y, pixels.at(x, y, 0) << 16 | pixels.at(x, y, 1) << 8 | pixels.at(x, y, 2));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "jpg", out);
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
