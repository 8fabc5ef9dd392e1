package atelier.datasets.consent;

import atelier.datasets.consent.list.PdqEntries;
import atelier.datasets.consent.list.PdqIndex;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures recall under changes of the picture: {@code originals=FOLDER changed=FOLDER pairs=FILE}; changed holds a
 * folder a change with files named as their originals. The changed pictures are the training set, the originals' digests
 * the list. pairs gets every two different originals that match, for a person to look at. The last line is JSON.
 */
public final class PerceptualBench {
    private PerceptualBench() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> options = new TreeMap<>();
        for (String arg : args) {
            options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        Map<String, List<Pdq>> originals = digests(Path.of(options.get("originals")), decoder);
        List<String> names = originals.keySet().stream()
                .filter(name -> originals.get(name).get(0).comparable())
                .toList();
        StringBuilder facts = new StringBuilder(
                "{\"originals\": " + originals.size() + ", \"flat\": " + (originals.size() - names.size()));
        try (Stream<Path> changes = Files.list(Path.of(options.get("changed")))) {
            for (Path change : changes.sorted().toList()) {
                facts.append(", ").append(recall(change, names, originals, decoder));
            }
        }
        facts.append(", ")
                .append(pairs(names, originals, Path.of(options.get("pairs"))))
                .append("}");
        System.out.println(facts);
    }

    private static Map<String, List<Pdq>> digests(Path folder, ImageDecoder decoder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().parallelStream()
                    .collect(Collectors.toMap(
                            PerceptualBench::stem,
                            file -> digest(file, decoder),
                            (a, b) -> a,
                            java.util.concurrent.ConcurrentSkipListMap::new));
        }
    }

    private static List<Pdq> digest(Path file, ImageDecoder decoder) {
        try {
            return PerceptualDigests.digests(decoder.decode(ImageBytes.of(file), Origin.of(file)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** A changed picture that became too flat to compare counts as missed. */
    private static String recall(
            Path change, List<String> names, Map<String, List<Pdq>> originals, ImageDecoder decoder)
            throws IOException {
        Map<String, List<Pdq>> training = digests(change, decoder);
        List<List<Pdq>> owners = new ArrayList<>();
        for (String name : names) {
            List<Pdq> eight = training.getOrDefault(name, List.of());
            owners.add(eight.isEmpty() || !eight.get(0).comparable() ? List.of() : eight);
        }
        PdqIndex index = new PdqIndex(owners);
        int found = 0;
        for (int i = 0; i < names.size(); i++) {
            int wanted = i;
            boolean[] hit = new boolean[1];
            index.find(
                    block(originals.get(names.get(i)).get(0)),
                    Pdq.MATCH,
                    (e, owner, distance) -> hit[0] |= owner == wanted);
            found += hit[0] ? 1 : 0;
        }
        return "\"" + change.getFileName() + "\": " + (double) found / names.size();
    }

    private static PdqEntries block(Pdq digest) {
        PdqEntries block = new PdqEntries();
        block.add(digest, -1, 0, 1);
        return block;
    }

    private static String pairs(List<String> names, Map<String, List<Pdq>> originals, Path out) throws IOException {
        PdqIndex index = new PdqIndex(names.stream().map(originals::get).toList());
        List<String> found = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int self = i;
            Map<Integer, Integer> near = new TreeMap<>();
            index.find(block(originals.get(names.get(i)).get(0)), Pdq.MATCH, (e, owner, distance) -> {
                if (owner > self) {
                    near.merge(owner, distance, Math::min);
                }
            });
            near.forEach((owner, distance) -> found.add(names.get(self) + " " + names.get(owner) + " " + distance));
        }
        Files.write(out, found);
        long pairs = (long) names.size() * (names.size() - 1) / 2;
        return "\"pairs\": " + pairs + ", \"matching_pairs\": " + found.size();
    }
}
