package atelier.cluster.cache;

import atelier.common.file.Sha256;
import atelier.datasets.pairs.Pair;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Pictures that are encoded by one task into files of one name.
 *
 * @param name of the files: the digest of all that decides what is in them, but for the encoders, whose digests the folders
 *     have in their names
 */
record Shard(String name, List<SentPair> pairs) implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int DIGITS = 32;

    /**
     * Cuts pairs into shards of one size, the last may be smaller.
     *
     * @param digests SHA-256 by image
     * @param settings how pictures and captions become examples
     */
    static List<Shard> cut(List<Pair> pairs, Map<Path, String> digests, String settings, int size) {
        List<Shard> shards = new ArrayList<>();
        for (int at = 0; at < pairs.size(); at += size) {
            List<SentPair> part = new ArrayList<>();
            for (Pair pair : pairs.subList(at, Math.min(pairs.size(), at + size))) {
                part.add(SentPair.of(
                        pair, digests.getOrDefault(pair.image(), pair.image().toString())));
            }
            shards.add(new Shard(name(part, settings), part));
        }
        return shards;
    }

    private static String name(List<SentPair> pairs, String settings) {
        MessageDigest digest = Sha256.digest();
        digest.update(settings.getBytes(StandardCharsets.UTF_8));
        for (SentPair pair : pairs) {
            String line = "\n" + pair.sha256() + " " + pair.captions() + " " + new TreeMap<>(pair.extra()) + pair.set();
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return "shard-" + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    }
}
