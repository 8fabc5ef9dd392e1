package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.SetSettings;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Several sets of pairs joined to one, each with what it says of its own captions and images. */
final class PairSets implements PairSource {
    private final List<PairSet> sets;
    private final List<Finding> findings;

    /**
     * @param sets in the order in which their pairs come
     * @param findings what the file that names them has amiss
     */
    PairSets(List<PairSet> sets, List<Finding> findings) {
        this.sets = List.copyOf(sets);
        this.findings = List.copyOf(findings);
    }

    /**
     * One set.
     *
     * @param pairs its table or folder
     * @param images the folder that relative image paths start from
     * @param form how its texts are read
     * @param deep whether images in folders below it count too
     * @param repeats how often an epoch shows each image, multiplied by the image's own repeats
     * @param weight factor on the loss of its images
     * @param prior whether its images show the class that the model is to keep as it is
     * @param creator who made its images, where they do not say so themselves
     * @param licence under which licence, where they do not say so themselves
     * @param source where they came from, where they do not say so themselves
     * @param settings what it says of captions and mirroring
     */
    record PairSet(
            Path pairs,
            Path images,
            TextForm form,
            boolean deep,
            int repeats,
            double weight,
            boolean prior,
            @Nullable String creator,
            @Nullable String licence,
            @Nullable String source,
            SetSettings settings) {
        private Pair of(Pair pair) {
            Pair own = new Pair(
                    pair.image(),
                    pair.captions(),
                    pair.creator() == null ? creator : pair.creator(),
                    pair.licence() == null ? licence : pair.licence(),
                    pair.source() == null ? source : pair.source(),
                    pair.weight() * weight,
                    Math.multiplyExact(pair.repeats(), repeats),
                    pair.extra(),
                    pair.origin(),
                    pair.content(),
                    settings);
            return prior ? own.asPrior(own.repeats()) : own;
        }

        private boolean holds(Path image) {
            return deep || !image.startsWith(pairs) || Objects.equals(image.getParent(), pairs);
        }
    }

    /**
     * What a path in a file of sets means: relative to the file's folder, or to the working directory, as other trainers
     * have it, if it is there alone.
     */
    static Path placed(Path file, String path) {
        Path beside = file.resolveSibling(path);
        return !Files.exists(beside) && Files.exists(Path.of(path)) ? Path.of(path) : beside;
    }

    @Override
    public PairList read() throws IOException {
        List<Pair> pairs = new ArrayList<>();
        List<Finding> found = new ArrayList<>(findings);
        for (PairSet set : sets) {
            PairList list;
            try {
                list = PairSources.open(set.pairs(), set.images(), set.form()).read();
            } catch (FindingException e) {
                if (sets.size() == 1) {
                    throw e;
                }
                found.add(e.finding());
                continue;
            }
            int deeper = 0;
            for (Pair pair : list.pairs()) {
                if (set.holds(pair.image())) {
                    pairs.add(set.of(pair));
                } else {
                    deeper++;
                }
            }
            for (Finding finding : list.findings()) {
                Path image = finding.image();
                if (image == null || set.holds(image)) {
                    found.add(finding);
                }
            }
            if (deeper > 0) {
                found.add(Finding.note(
                        Origin.of(set.pairs()),
                        null,
                        deeper + (deeper == 1 ? " image" : " images") + " in folders below it are not used",
                        "name those folders as sets of their own"));
            }
        }
        return new PairList(pairs, found);
    }
}
