package atelier.datasets.decode;

import atelier.common.image.Pixels;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The files that scripts/conformance/datasets/goldens.py makes. */
public final class Golden {
    private Golden() {}

    public static Path file(String name) {
        try {
            return Path.of(Golden.class.getResource("/golden/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static List<String> lines(String name) throws IOException {
        return Files.readAllLines(file(name));
    }

    public static Pixels decode(String name) throws IOException {
        return new ImageDecoder(DecodeSettings.plain()).decode(ImageBytes.of(file(name)), Origin.of(file(name)));
    }

    /** A binary PPM. */
    public static Pixels expected(String name) throws IOException {
        return ppm(Files.readAllBytes(file(name + ".ppm")));
    }

    static Pixels ppm(byte[] bytes) {
        int end = 0;
        while (bytes[end] != '\n') {
            end++;
        }
        String[] head = new String(bytes, 0, end, StandardCharsets.US_ASCII).split(" ");
        return new Pixels(
                Integer.parseInt(head[1]), Integer.parseInt(head[2]), Arrays.copyOfRange(bytes, end + 1, bytes.length));
    }

    /** The largest difference of two samples; 256 where the sizes differ. */
    static int largestDifference(Pixels a, Pixels b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            return 256;
        }
        int most = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            most = Math.max(most, Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255)));
        }
        return most;
    }

    /** Mean absolute difference of two pictures' samples, in steps of 1/255. */
    public static double difference(Pixels a, Pixels b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw new AssertionError(
                    "sizes differ: " + a.width() + "x" + a.height() + ", " + b.width() + "x" + b.height());
        }
        long sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255));
        }
        return (double) sum / a.rgb().length;
    }
}
