package atelier.datasets.batch;

import atelier.common.file.Sha256;
import atelier.common.image.Pixels;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads masks, placed as their pictures are. A mask file is the row's column "mask", relative to data.images, or the file
 * of the picture's name (or stem and .png) in data.masks; its brightness counts where it is opaque, what is transparent is
 * black, and it may be of any size of the picture's proportions.
 */
public final class MaskReader {
    /** Rounding of a scaled mask's sides shifts their ratio by less than this. */
    private static final double PROPORTIONS = 0.02;

    /** Counts up when masks change with the code that reads them. */
    private static final String VERSION = "2 ";

    private final DataSettings settings;
    private final ImageDecoder decoder;

    /** @param settings with a data.mask other than none */
    public MaskReader(DataSettings settings) {
        this.settings = settings;
        this.decoder = new ImageDecoder(settings.decoding());
    }

    /**
     * A mask as the picture's pixels are used: resized, cropped and mirrored alike.
     *
     * @return row-major [height, width] of the placement's bucket, from 0 (does not count) to 1
     * @throws FindingException when it is missing, broken or of other proportions than its picture
     */
    public float[] read(Pair pair, Placement placement) throws FindingException {
        Pixels mask = switch (settings.mask()) {
            case NONE -> throw new IllegalStateException("data.mask is none");
            case ALPHA -> decoder.opacity(pair);
            case FILE -> proportioned(file(pair), pair, placement);
        };
        byte[] rgb = placement.apply(mask).rgb();
        float[] values = new float[rgb.length / 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (rgb[3 * i] & 255) / 255f;
        }
        return values;
    }

    /** The digest of all bytes that the mask is made of, and the version of the code that makes it. */
    public String digest(Pair pair) throws IOException {
        return switch (settings.mask()) {
            case NONE -> throw new IllegalStateException("data.mask is none");
            case ALPHA -> VERSION + "alpha " + Sha256.of(pair.content().read());
            case FILE -> VERSION + "file " + Sha256.of(file(pair));
        };
    }

    /** Finds every picture's mask before anything starts. */
    public void require(List<Pair> pairs) throws FindingException {
        if (settings.mask() == MaskSource.FILE) {
            for (Pair pair : pairs) {
                file(pair);
            }
        }
    }

    private Pixels proportioned(Path file, Pair pair, Placement placement) throws FindingException {
        Pixels mask = decoder.mask(ImageBytes.of(file), Origin.of(file));
        double ratio = (double) mask.width()
                * placement.originalHeight()
                / ((double) mask.height() * placement.originalWidth());
        if (Math.abs(Math.log(ratio)) > PROPORTIONS) {
            throw new FindingException(Finding.error(
                    pair.origin(),
                    pair.image(),
                    "its mask '" + file + "' is " + mask.width() + " x " + mask.height() + " where the picture is "
                            + placement.originalWidth() + " x " + placement.originalHeight(),
                    "give the mask the picture's proportions"));
        }
        return mask;
    }

    private Path file(Pair pair) throws FindingException {
        Path masks = settings.masks();
        String column = pair.column("mask");
        if (!column.isEmpty()) {
            return found(pair, settings.images().resolve(column), "correct the column mask");
        }
        if (masks == null) {
            throw new FindingException(Finding.error(
                    pair.origin(),
                    pair.image(),
                    "has no mask",
                    "fill the column mask, or set data.masks to their folder"));
        }
        String name = pair.image().getFileName().toString();
        Path same = masks.resolve(name);
        int dot = name.lastIndexOf('.');
        Path png = masks.resolve((dot < 0 ? name : name.substring(0, dot)) + ".png");
        return Files.isRegularFile(same) ? same : found(pair, png, "put a mask of the picture's name into data.masks");
    }

    private static Path found(Pair pair, Path file, String remedy) throws FindingException {
        if (!Files.isRegularFile(file)) {
            throw new FindingException(
                    Finding.error(pair.origin(), pair.image(), "its mask '" + file + "' does not exist", remedy));
        }
        return file;
    }
}
