package atelier.trainer.prepare;

import atelier.common.file.Sha256;
import atelier.datasets.pairs.Pair;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Chooses pictures to hold out, by what they are and not by where they stand: the same ones in every order. */
final class HeldOut {
    private HeldOut() {}

    /**
     * The given number of pictures, in the list's own order. Copies of one picture stay together, so that none is held out
     * and trained on at once: there may be a few more.
     *
     * @param digests SHA-256 by image
     */
    static List<Pair> choose(List<Pair> from, Map<Path, String> digests, int count, long seed) {
        List<String> order = new ArrayList<>(
                new HashSet<>(from.stream().map(pair -> digest(pair, digests)).toList()));
        order.sort(Comparator.comparing(digest -> place(digest, seed)));
        Set<String> chosen = new HashSet<>(order.subList(0, Math.min(count, order.size())));
        return from.stream()
                .filter(pair -> chosen.contains(digest(pair, digests)))
                .toList();
    }

    private static String place(String digest, long seed) {
        return Sha256.of((seed + " " + digest).getBytes(StandardCharsets.UTF_8));
    }

    private static String digest(Pair pair, Map<Path, String> digests) {
        return digests.getOrDefault(pair.image(), pair.image().toString());
    }
}
