package atelier.datasets.fuzz;

import atelier.common.image.Pixels;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.Golden;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.decode.LargePictures;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.form.PairSources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** What damaged files are given to, and what must come of it: a picture or pairs, or a finding. */
final class Subjects {
    static final List<String> IMAGES = List.of(
            "rgb8.png",
            "rgba8.png",
            "palette-alpha.png",
            "grey16.png",
            "interlaced.png",
            "wide.png",
            "444.jpg",
            "progressive.jpg",
            "cmyk.jpg",
            "exif6.jpg",
            "wide.jpg",
            "lossy.webp",
            "lossless.webp",
            "alpha.webp",
            "lzw.tif",
            "deflate.tif",
            "alpha.tif",
            "rgb.bmp",
            "palette.bmp",
            "still.gif",
            "moving.gif",
            // Large enough for the library's decoders.
            "large.jpg",
            "large.png",
            "large.alpha.png");
    private static final int MAX_PIXELS = 1 << 20;

    private final Path folder;
    private final ImageDecoder decoder = new ImageDecoder(new DecodeSettings(MAX_PIXELS, 0xFFFFFF));

    Subjects(Path folder) throws IOException {
        this.folder = folder;
        Files.writeString(folder.resolve("a.png"), "x");
    }

    /** True when a picture came of it. */
    boolean image(String name, byte[] bytes) {
        Path place = Path.of(name);
        try {
            Pixels pixels = decoder.decode(bytes, Origin.of(place), place);
            if ((long) pixels.width() * pixels.height() > MAX_PIXELS) {
                throw new AssertionError("a picture of " + pixels.width() + " x " + pixels.height() + " was let in");
            }
            return true;
        } catch (FindingException e) {
            if (!e.finding().message().startsWith(name + ": ")) {
                throw new AssertionError("a finding without its place: " + e.finding());
            }
            return false;
        }
    }

    /** True when pairs came of it. */
    boolean pairs(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, bytes);
        try {
            PairList list = PairSources.open(file, folder).read();
            return !list.pairs().isEmpty();
        } catch (FindingException e) {
            return false;
        }
    }

    static byte[] golden(String name) throws IOException {
        return name.startsWith("large.")
                ? LargePictures.encoded(name.substring("large.".length()))
                : Files.readAllBytes(Golden.file(name));
    }

    static byte[] csv() {
        return ("image,caption,creator,licence,source,weight\na.png,\"a cat, asleep\",Ann,CC0-1.0,https://a.example,1\n"
                        + "a.png,\"two\nlines\",,,,\na.png,\"a \"\"cat\"\"\",,,,0.5\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] jsonl() {
        return "{\"file_name\": \"a.png\", \"text\": \"a cat\"}\n{\"file_name\": \"a.png\", \"caption\": [\"one\", \"t\u00e9o\"]}\n"
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] tar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, 1024)) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (String name : List.of("1.png", "1.txt", "1.json", "2" + "long".repeat(40) + ".png", "3.txt")) {
                byte[] content = name.endsWith("json")
                        ? "{\"caption\": \"a cat\", \"url\": \"https://a.example\"}".getBytes(StandardCharsets.UTF_8)
                        : "a cat".getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(content.length);
                out.putArchiveEntry(entry);
                out.write(content);
                out.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    static List<String> tables() {
        return new ArrayList<>(List.of("pairs.csv", "pairs.jsonl", "pairs.tar"));
    }

    static byte[] table(String name) throws IOException {
        return switch (name) {
            case "pairs.csv" -> csv();
            case "pairs.jsonl" -> jsonl();
            default -> tar();
        };
    }
}
