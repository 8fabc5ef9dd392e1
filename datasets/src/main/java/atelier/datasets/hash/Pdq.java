package atelier.datasets.hash;

import atelier.common.error.MalformedException;
import atelier.common.image.Pixels;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A picture's perceptual digest, PDQ: 256 bits that stay nearly the same when the picture is scaled, re-encoded or
 * slightly edited. Two pictures match at a distance of at most 31 bits; a quality of 49 or less means too little
 * structure to tell pictures apart (both thresholds are the published ones).
 *
 * <p>Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Facebook, 2019.
 *
 * @param w0 the first 16 hexadecimal digits of the usual written form
 * @param w1 the next 16
 * @param w2 the next 16
 * @param w3 the last 16
 * @param quality 0 (flat) to 100 (rich in edges)
 */
public record Pdq(long w0, long w1, long w2, long w3, int quality) {
    /** Bits of a digest. */
    public static final int BITS = 256;
    /** The published distance up to which two pictures count as the same. */
    public static final int MATCH = 31;
    /** The published quality up to which a digest says too little to be compared. */
    public static final int POOR_QUALITY = 49;
    /** How many ways there are to turn and mirror a picture. */
    public static final int DIHEDRAL = 8;

    /** The digest of a picture. */
    public static Pdq of(Pixels pixels) {
        return PdqHasher.hash(pixels);
    }

    /** The digest of an image file, decoded with the default limits over white. */
    public static Pdq of(Path file) throws IOException {
        return of(new ImageDecoder(DecodeSettings.plain()).decode(ImageBytes.of(file), Origin.of(file)));
    }

    /**
     * The digests that the picture would have in all eight positions: as it is, turned by 90, 180 and 270 degrees
     * counter-clockwise, mirrored top to bottom, mirrored left to right, mirrored along the main diagonal, and along the
     * other one. Use these to find turned and mirrored copies.
     */
    public static List<Pdq> positions(Pixels pixels) {
        return PdqHasher.positions(pixels);
    }

    /**
     * The same by the published shortcut, which exchanges signs of coefficients: what other programs hold as a picture's
     * dihedral digests. On pictures with fine detail it misses by more bits than a match may have.
     */
    public static List<Pdq> dihedral(Pixels pixels) {
        return PdqHasher.dihedral(pixels);
    }

    /** Reads the written form, 64 hexadecimal digits; the quality, which it lacks, is taken as 100. */
    public static Pdq parse(String hex) {
        if (hex.length() != BITS / 4) {
            throw new MalformedException("a PDQ digest has 64 hexadecimal digits, got " + hex.length());
        }
        long[] words = new long[4];
        for (int i = 0; i < 4; i++) {
            String part = hex.substring(16 * i, 16 * i + 16);
            if (part.charAt(0) == '+' || part.charAt(0) == '-') {
                throw new MalformedException("a PDQ digest has 64 hexadecimal digits, got '" + hex + "'");
            }
            try {
                words[i] = Long.parseUnsignedLong(part, 16);
            } catch (NumberFormatException e) {
                throw new MalformedException("a PDQ digest has 64 hexadecimal digits, got '" + hex + "'", e);
            }
        }
        return of(words, 100);
    }

    /** From four words, the most significant first. */
    public static Pdq of(long[] words, int quality) {
        return new Pdq(words[0], words[1], words[2], words[3], quality);
    }

    /** Four words, the most significant first. */
    public long[] words() {
        return new long[] {w0, w1, w2, w3};
    }

    /** Word 0 to 3, the most significant first. */
    public long word(int index) {
        return switch (index) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            case 3 -> w3;
            default -> throw new IllegalArgumentException("a PDQ digest has words 0 to 3, not " + index);
        };
    }

    /** The written form: 64 lower-case hexadecimal digits. */
    public String hex() {
        return String.format(Locale.ROOT, "%016x%016x%016x%016x", w0, w1, w2, w3);
    }

    /** How many of the 256 bits differ. */
    public int distance(Pdq other) {
        return Long.bitCount(w0 ^ other.w0)
                + Long.bitCount(w1 ^ other.w1)
                + Long.bitCount(w2 ^ other.w2)
                + Long.bitCount(w3 ^ other.w3);
    }

    /** Whether the quality allows a comparison at all. */
    public boolean comparable() {
        return quality > POOR_QUALITY;
    }
}
