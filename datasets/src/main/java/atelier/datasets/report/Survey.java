package atelier.datasets.report;

import atelier.common.file.Sha256;
import atelier.common.image.Pixels;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Decodes every image once, several at a time, and keeps what statistics and reports need.
 *
 * @param pairs what was looked at
 * @param facts of each pair, empty where its image cannot be used
 * @param findings why not, in the pairs' order
 */
public record Survey(List<Pair> pairs, List<Optional<ImageFacts>> facts, List<Finding> findings) {
    public Survey {
        pairs = List.copyOf(pairs);
        facts = List.copyOf(facts);
        findings = List.copyOf(findings);
    }

    /** @param looked told after each image; called from several threads */
    public static Survey of(List<Pair> pairs, DecodeSettings settings, Runnable looked) {
        ImageDecoder decoder = new ImageDecoder(settings);
        List<Seen> seen = IntStream.range(0, pairs.size())
                .parallel()
                .mapToObj(i -> {
                    Seen one = look(pairs.get(i), decoder);
                    looked.run();
                    return one;
                })
                .toList();
        List<Optional<ImageFacts>> facts = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        for (Seen one : seen) {
            facts.add(one.facts());
            one.finding().ifPresent(findings::add);
        }
        return new Survey(pairs, facts, findings);
    }

    /** What was found out about some of the pairs. */
    public Survey only(Collection<Pair> some) {
        Set<Pair> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        wanted.addAll(some);
        List<Pair> kept = new ArrayList<>();
        List<Optional<ImageFacts>> theirs = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            if (wanted.contains(pairs.get(i))) {
                kept.add(pairs.get(i));
                theirs.add(facts.get(i));
            }
        }
        return new Survey(kept, theirs, List.of());
    }

    private record Seen(Optional<ImageFacts> facts, Optional<Finding> finding) {}

    private static Seen look(Pair pair, ImageDecoder decoder) {
        try {
            byte[] bytes = pair.content().read();
            Pixels pixels = decoder.decode(bytes, pair.origin(), pair.image());
            ImageFacts facts =
                    new ImageFacts(pixels.width(), pixels.height(), bytes.length, Sha256.of(bytes), Pdq.of(pixels));
            return new Seen(Optional.of(facts), Optional.empty());
        } catch (FindingException e) {
            return new Seen(Optional.empty(), Optional.of(e.finding()));
        } catch (NoSuchFileException e) {
            return failed(pair, "'" + pair.image() + "' does not exist", "paths are relative to data.images");
        } catch (IOException e) {
            return failed(
                    pair,
                    "'" + pair.image() + "' cannot be read: " + e.getMessage(),
                    "mend the file or its permissions");
        }
    }

    private static Seen failed(Pair pair, String fact, String remedy) {
        return new Seen(Optional.empty(), Optional.of(Finding.error(pair.origin(), pair.image(), fact, remedy)));
    }
}
