package atelier.evaluation.report;

import atelier.common.image.Lanczos;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.evaluation.statistics.Interval;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Parts of pages that need nothing beside them. */
final class Html {
    /** Pictures are shown no larger than this, in pixels. */
    private static final int LARGEST = 192;

    private Html() {}

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** An img element that carries its picture. */
    static String picture(Pixels pixels, String description) {
        int side = Math.max(pixels.width(), pixels.height());
        Pixels shown = side <= LARGEST
                ? pixels
                : Lanczos.resize(
                        pixels,
                        Math.max(1, pixels.width() * LARGEST / side),
                        Math.max(1, pixels.height() * LARGEST / side));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(Pictures.image(shown), "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "<img width=\"" + shown.width() + "\" height=\"" + shown.height() + "\" alt=\"" + escaped(description)
                + "\" title=\"" + escaped(description) + "\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(bytes.toByteArray()) + "\">";
    }

    /** A figure with its interval. */
    static String interval(Interval interval) {
        String value = number(interval.value());
        return interval.low() == interval.high()
                ? value
                : value + " <span class=\"range\">" + number(interval.low()) + " to " + number(interval.high())
                        + "</span>";
    }

    static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        double size = Math.abs(value);
        String form = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.3f" : "%.2g";
        return String.format(Locale.ROOT, form, value);
    }
}
