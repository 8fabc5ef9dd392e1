package atelier.cluster.cache;

import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.SetSettings;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an executor needs of a pair that was judged.
 *
 * @param image as in {@link Pair}
 * @param place where its bytes lie
 * @param sha256 of its bytes
 */
record SentPair(
        String image, List<String> captions, Map<String, String> extra, SetSettings set, Place place, String sha256)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * A place of bytes.
     *
     * @param file the image's own, or an archive
     * @param offset in the archive
     * @param size in the archive; -1 for a file of its own
     */
    record Place(String file, long offset, int size) implements Serializable {
        private static final long serialVersionUID = 1L;

        private static Place of(ImageBytes bytes) {
            if (bytes instanceof ImageBytes.Slice slice) {
                return new Place(slice.archive().toAbsolutePath().toString(), slice.offset(), slice.size());
            }
            ImageBytes.WholeFile whole = (ImageBytes.WholeFile) bytes;
            return new Place(whole.file().toAbsolutePath().toString(), 0, -1);
        }

        private ImageBytes bytes() {
            return size < 0 ? ImageBytes.of(Path.of(file)) : new ImageBytes.Slice(Path.of(file), offset, size);
        }
    }

    static SentPair of(Pair pair, String sha256) {
        return new SentPair(
                pair.image().toString(),
                new ArrayList<>(pair.captions()),
                new HashMap<>(pair.extra()),
                pair.set(),
                Place.of(pair.content()),
                sha256);
    }

    Pair pair() {
        Path file = Path.of(image);
        return new Pair(file, captions, null, null, null, 1, 1, extra, new Origin(file, 0), place.bytes(), set);
    }
}
