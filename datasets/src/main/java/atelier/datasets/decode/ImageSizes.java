package atelier.datasets.decode;

import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/** The upright sizes of many images, read from their headers when first asked for and remembered. */
public final class ImageSizes {
    private static final long BROKEN = -1;

    private final List<Pair> pairs;
    private final DecodeSettings settings;
    private final AtomicLongArray sizes;

    public ImageSizes(List<Pair> pairs, DecodeSettings settings) {
        this.pairs = List.copyOf(pairs);
        this.settings = settings;
        this.sizes = new AtomicLongArray(pairs.size());
    }

    /** Width and height of an upright picture. */
    public record Size(int width, int height) {}

    /**
     * The size of pair {@code index}.
     *
     * @throws FindingException when the image cannot be read or has more than data.max_pixels
     */
    public Size of(int index) throws FindingException {
        long packed = sizes.get(index);
        if (packed == 0 || packed == BROKEN) {
            packed = read(index);
        }
        return new Size((int) (packed >>> 32), (int) packed);
    }

    /** Reads all headers, several at a time, and returns what is wrong with which, in order. */
    public List<Finding> readAll() {
        List<Finding> findings = new ArrayList<>(IntStream.range(0, pairs.size())
                .parallel()
                .mapToObj(i -> {
                    try {
                        of(i);
                        return List.<Finding>of();
                    } catch (FindingException e) {
                        return List.of(e.finding());
                    }
                })
                .flatMap(List::stream)
                .toList());
        return List.copyOf(findings);
    }

    private long read(int index) throws FindingException {
        Pair pair = pairs.get(index);
        try {
            ImageHeader header = ImageHeader.read(pair.content());
            ImageFaults.checkPixels(header, settings, pair.origin(), pair.image());
            long packed = (long) header.uprightWidth() << 32 | header.uprightHeight();
            sizes.set(index, packed);
            return packed;
        } catch (FindingException e) {
            sizes.set(index, BROKEN);
            throw e;
        } catch (NoSuchFileException e) {
            sizes.set(index, BROKEN);
            throw ImageFaults.missing(pair.origin(), pair.image(), e);
        } catch (IOException e) {
            sizes.set(index, BROKEN);
            throw ImageFaults.broken(pair.origin(), pair.image(), e);
        }
    }
}
