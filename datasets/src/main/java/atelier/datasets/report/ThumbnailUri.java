package atelier.datasets.report;

import atelier.common.image.Lanczos;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small pictures inside a page. */
final class ThumbnailUri {
    private static final int SIDE = 96;

    private ThumbnailUri() {}

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
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(Pictures.image(pixels), "jpg", out);
        }
        return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
