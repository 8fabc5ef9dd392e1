package atelier.datasets.consent;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.datasets.consent.list.PdqIndex;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes the training set to find the perceptual digests of every picture in its eight positions.
 *
 * <p>PDQ samples a picture at 64 x 64 places. In one of 512 pixels or more it makes no difference that these lie half a
 * pixel off the centre, and all eight positions are sampled from the picture as it is. In a smaller one it does: a mirrored or scaled
 * copy is sampled elsewhere and its digest drifts. Such a picture is therefore turned, mirrored and scaled itself, by
 * halves and doubles between 64 and 512 pixels, and each result digested. A large one is digested at a half and a quarter
 * of its size too, as far as that leaves 512 pixels: it may be an enlarged copy.
 */
final class PerceptualDigests {
    private static final int LARGE = 512;
    private static final int SMALLEST = 64;
    private static final double[] SCALES = {0.5, 2, 4};
    private static final double[] REDUCTIONS = {0.5, 0.25};

    private PerceptualDigests() {}

    /** A picture that cannot be decoded fails; one too flat to be compared keeps a note of it in the ledger. */
    static PdqIndex index(List<Subject> subjects) {
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        return new PdqIndex(
                subjects.parallelStream().map(s -> digests(s, decoder)).toList());
    }

    private static List<Pdq> digests(Subject subject, ImageDecoder decoder) {
        if (subject.failure() != null) {
            return List.of();
        }
        List<Pdq> digests;
        try {
            digests = digests(decoder.decode(
                    subject.pair().content(), Origin.of(subject.pair().image())));
        } catch (FindingException e) {
            subject.fail(
                    "the image cannot be compared by its looks: " + e.finding().fact());
            return List.of();
        }
        Pdq upright = digests.get(0);
        if (!upright.comparable()) {
            subject.note("too flat to be compared by its looks, PDQ quality " + upright.quality());
            return List.of();
        }
        return digests;
    }

    /** All digests by which a picture is known, that of the picture as it is first. */
    static List<Pdq> digests(Pixels picture) {
        int side = Math.min(picture.width(), picture.height());
        List<Pdq> digests = new ArrayList<>();
        if (side >= LARGE) {
            digests.addAll(Pdq.positions(picture));
            for (double scale : REDUCTIONS) {
                if (side * scale >= LARGE) {
                    digests.addAll(Pdq.positions(scaled(picture, scale)));
                }
            }
            return digests;
        }
        positions(picture, digests);
        for (double scale : SCALES) {
            if (side * scale >= SMALLEST && Math.max(picture.width(), picture.height()) * scale <= LARGE) {
                positions(scaled(picture, scale), digests);
            }
        }
        return digests;
    }

    private static Pixels scaled(Pixels picture, double scale) {
        int width = (int) Math.round(picture.width() * scale);
        int height = (int) Math.round(picture.height() * scale);
        return Lanczos.resize(picture, width, height);
    }

    private static void positions(Pixels picture, List<Pdq> digests) {
        Pixels position = picture;
        for (int quarter = 0; quarter < 4; quarter++) {
            digests.add(Pdq.of(position));
            digests.add(Pdq.of(position.flipped()));
            position = turned(position);
        }
    }

    /** A quarter turn clockwise. */
    private static Pixels turned(Pixels picture) {
        int width = picture.height();
        int height = picture.width();
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(picture.rgb(), 3 * ((width - 1 - x) * height + y), rgb, 3 * (y * width + x), 3);
            }
        }
        return new Pixels(width, height, rgb);
    }
}
