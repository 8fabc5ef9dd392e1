package atelier.datasets.consent;

import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** What tests of consent share: settings, pictures, pairs. */
final class Consents {
    static final LocalDate TODAY = LocalDate.of(2026, 6, 1);
    static final List<String> ALLOWED = List.of("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "LicenseRef-*");

    private Consents() {}

    /** Writes an opt-out list of these lines. */
    static Path list(Path folder, String... entries) throws IOException {
        return Files.writeString(folder.resolve("list.jsonl"), String.join("\n", entries) + "\n");
    }

    static String entry(String kind, String value) {
        return "{\"kind\":\"" + kind + "\",\"value\":\"" + value + "\"}";
    }

    static OptOutSettings lists(Path... manifests) {
        return new OptOutSettings(List.of(manifests), List.of(), List.of(), false, true, 31, true);
    }

    static LicenceSettings open(Path... grants) {
        return new LicenceSettings(LicenceMode.OPEN, ALLOWED, TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of(grants));
    }

    static LicenceSettings licensed(Path... grants) {
        return new LicenceSettings(
                LicenceMode.LICENSED, ALLOWED, TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of(grants));
    }

    static Ledger filter(OptOutSettings optout, LicenceSettings licence, Pair... pairs) {
        return new ConsentFilter(new ConsentSettings(optout, licence), TODAY)
                .apply(new PairList(List.of(pairs), List.of()));
    }

    static Verdict verdict(OptOutSettings optout, LicenceSettings licence, Pair pair) {
        return filter(optout, licence, pair).verdicts().get(0);
    }

    /** A picture with structure, another for each seed. */
    static BufferedImage picture(int seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(96, 80, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        for (int i = 0; i < 24; i++) {
            graphics.setColor(new java.awt.Color(random.nextInt(1 << 24)));
            graphics.fillOval(random.nextInt(80), random.nextInt(64), 8 + random.nextInt(40), 8 + random.nextInt(40));
        }
        graphics.dispose();
        return image;
    }

    static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, format, out);
        return out.toByteArray();
    }

    static Path png(Path folder, int seed) throws IOException {
        return Files.write(folder.resolve("picture-" + seed + ".png"), encode(picture(seed), "png"));
    }

    static Pair pair(Path image) {
        return pair(image, "a picture", null, null, null, Map.of());
    }

    static Pair pair(Path image, String source) {
        return pair(image, "a picture", null, null, source, Map.of());
    }

    static Pair by(Path image, String creator) {
        return pair(image, "a picture", creator, null, null, Map.of());
    }

    static Pair under(Path image, String licence) {
        return pair(image, "a picture", null, licence, null, Map.of());
    }

    static Pair pair(
            Path image, String caption, String creator, String licence, String source, Map<String, String> extra) {
        return new Pair(
                image,
                List.of(caption),
                creator,
                licence,
                source,
                1,
                1,
                extra,
                new Origin(Path.of("captions.csv"), 7),
                ImageBytes.of(image));
    }
}
