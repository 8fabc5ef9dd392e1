package atelier.datasets.bench;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Decodes the images of a folder and brings their longer side to a size, one after another on one thread, again and again;
 * prints the milliseconds an image of each round but the first {@value #WARM_UP}, in which the compiler is still at work.
 *
 * <p>Arguments: folder=..., size=512, rounds=10. scripts/bench/decode.py runs it beside Pillow.
 */
public final class DecodeRate {
    private static final int WARM_UP = 15;

    private DecodeRate() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(value(arguments, "folder"));
        int size = Integer.parseInt(value(arguments, "size"));
        int rounds = Integer.parseInt(value(arguments, "rounds"));
        List<Path> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.filter(Files::isRegularFile).sorted().toList();
        }
        List<byte[]> contents = new ArrayList<>();
        for (Path name : names) {
            contents.add(Files.readAllBytes(name));
        }
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        List<String> times = new ArrayList<>();
        for (int round = 0; round < WARM_UP + rounds; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < contents.size(); i++) {
                Pixels pixels = decoder.decode(contents.get(i), Origin.of(names.get(i)), names.get(i));
                double scale = (double) size / Math.max(pixels.width(), pixels.height());
                Lanczos.resize(pixels, Math.max(1, (int) Math.round(pixels.width() * scale)), Math.max(1, (int)
                        Math.round(pixels.height() * scale)));
            }
            double each = (System.nanoTime() - start) / 1e6 / contents.size();
            if (round >= WARM_UP) {
                times.add(String.format(Locale.ROOT, "%.4f", each));
            }
        }
        System.out.println("{\"images\": " + contents.size() + ", \"ms\": " + times + "}");
    }

    private static String value(String[] arguments, String key) {
        for (String argument : arguments) {
            if (argument.startsWith(key + "=")) {
                return argument.substring(key.length() + 1);
            }
        }
        throw new IllegalArgumentException(key + "=... is missing");
    }
}
