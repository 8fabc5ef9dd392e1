package atelier.evaluation.measure;

import atelier.common.error.WrongCommandException;
import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.form.PairSources;
import atelier.evaluation.audit.AuditSubjectReader;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.SplitRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a run's pictures are compared with.
 *
 * @param training pictures that were trained on
 * @param heldOut pictures of the style that were not; empty where there are none
 * @param excluded how many pictures consent, licence or policy kept out
 * @param foils other styles' pictures, by name
 */
record References(List<Reference> training, List<Reference> heldOut, int excluded, Map<String, List<Reference>> foils) {

    /** Held-out pictures that can stand for the style. */
    static final int FEWEST = 2;

    /** A picture with the caption that it would be trained with. */
    record Reference(String caption, Pixels pixels) {}

    /** @param side that the model draws at */
    static References read(EvaluatedRun run, EvaluationSettings settings, int side) throws IOException {
        List<AuditSubject> subjects = AuditSubjectReader.of(run.data(), side).read(run.ledger(), settings.heldOut());
        Map<String, List<Reference>> foils = new LinkedHashMap<>();
        for (Path table : settings.foils()) {
            foils.put(nameOf(table), foil(run, table, side));
        }
        return new References(
                of(subjects, SplitRole.TRAINING),
                of(subjects, SplitRole.HELD_OUT),
                of(subjects, SplitRole.EXCLUDED).size(),
                foils);
    }

    private static List<Reference> of(List<AuditSubject> subjects, SplitRole role) {
        return subjects.stream()
                .filter(subject -> subject.role() == role)
                .map(subject -> new Reference(subject.caption(), subject.pixels()))
                .toList();
    }

    /** The folder's name: the tables' own are alike. */
    private static String nameOf(Path table) {
        Path folder = Files.isDirectory(table) ? table : table.toAbsolutePath().getParent();
        return Objects.requireNonNullElse(folder, table).getFileName().toString();
    }

    private static List<Reference> foil(EvaluatedRun run, Path table, int side) throws IOException {
        if (!Files.exists(table)) {
            throw new WrongCommandException(
                    "evaluation.foils: " + table + " does not exist; give a table of pairs, or [] for no other styles");
        }
        Path folder = Files.isDirectory(table) ? table : Objects.requireNonNullElse(table.getParent(), Path.of(""));
        ImageDecoder decoder = new ImageDecoder(run.data().decoding());
        CaptionTools captions = new CaptionTools(run.data().captions());
        List<Reference> references = new ArrayList<>();
        for (Pair pair :
                PairSources.open(table, folder, run.data().texts()).read().pairs()) {
            Pixels picture = decoder.decode(pair);
            int shortest = Math.min(picture.width(), picture.height());
            Pixels middle = picture.crop(
                    (picture.width() - shortest) / 2, (picture.height() - shortest) / 2, shortest, shortest);
            references.add(new Reference(captions.plain(pair), Lanczos.resize(middle, side, side)));
        }
        return references;
    }

    /** Pictures that stand for the style: held-out ones, or training pictures where there are too few. */
    List<Reference> own() {
        return heldOut.size() >= FEWEST ? heldOut : training;
    }

    /** Captions to draw: held-out ones, else training captions; spread over all where there are more than asked. */
    List<String> prompts(int most) {
        Set<String> distinct = new LinkedHashSet<>();
        own().forEach(reference -> distinct.add(reference.caption()));
        List<String> all = new ArrayList<>(distinct);
        if (most == 0 || all.size() <= most) {
            return all;
        }
        List<String> spread = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            spread.add(all.get((int) ((long) i * all.size() / most)));
        }
        return spread;
    }
}
