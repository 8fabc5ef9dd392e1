package atelier.evaluation.audit;

import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import atelier.common.file.TextFile;
import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.datasets.batch.CaptionSettings;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.TextForm;
import atelier.datasets.pairs.form.PairSources;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.SplitRole;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** Reads the pictures of an audit: those that a run's ledger included, those that it excluded, and held-out ones. */
public final class AuditSubjectReader {
    private final Path pairs;
    private final Path images;
    private final TextForm texts;
    private final CaptionTools captions;
    private final ImageDecoder decoder;
    private final int side;

    /**
     * @param pairs as the run had them
     * @param images the folder that relative image paths start from
     * @param texts how the run's pairs are read
     * @param side what pictures are brought to, in pixels: the side that the model draws at
     */
    public AuditSubjectReader(
            Path pairs, Path images, TextForm texts, CaptionSettings captions, DecodeSettings decoding, int side) {
        this.texts = texts;
        this.pairs = pairs;
        this.images = images;
        this.captions = new CaptionTools(captions);
        this.decoder = new ImageDecoder(decoding);
        this.side = side;
    }

    /** For a run's own settings. */
    public static AuditSubjectReader of(DataSettings data, int side) {
        return new AuditSubjectReader(
                data.pairs(), data.images(), data.texts(), data.captions(), data.decoding(), side);
    }

    /**
     * Reads. A picture that the run failed on, or that cannot be decoded, is left out.
     *
     * @param ledger the run's ledger.csv; pictures are found in it by their digest, wherever they lie now
     * @param heldOut a table of held-out pairs; null takes the one beside data.pairs, where there is one
     * @throws WrongCommandException if no training picture of the ledger is among the pairs
     */
    public List<AuditSubject> read(Path ledger, @Nullable Path heldOut) throws IOException {
        Map<String, String> verdicts = verdicts(ledger);
        List<AuditSubject> subjects = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Pair pair : PairSources.open(pairs, images, texts).read().pairs()) {
            AuditSubject subject = subject(pair, verdicts, null);
            if (subject != null && seen.add(subject.sha256() + subject.caption())) {
                subjects.add(subject);
            }
        }
        if (subjects.stream().noneMatch(subject -> subject.role() == SplitRole.TRAINING)) {
            throw new WrongCommandException("none of the pictures that " + ledger + " includes is in " + pairs
                    + "; give data.pairs and data.images as the run had them");
        }
        Path table = heldOut != null ? heldOut : beside(pairs);
        if (table != null) {
            Path folder = heldOut != null ? Objects.requireNonNullElse(heldOut.getParent(), Path.of("")) : images;
            for (Pair pair : PairSources.open(table, folder, texts).read().pairs()) {
                AuditSubject subject = subject(pair, verdicts, SplitRole.HELD_OUT);
                if (subject != null && seen.add(subject.sha256() + subject.caption())) {
                    subjects.add(subject);
                }
            }
        }
        return subjects;
    }

    /** captions.csv and captions-held-out.csv. */
    private static @Nullable Path beside(Path pairs) {
        String name = pairs.getFileName().toString();
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        Path table = pairs.resolveSibling(name.substring(0, dot) + "-held-out" + name.substring(dot));
        return Files.isRegularFile(table) ? table : null;
    }

    /** A picture that was trained on is never held out, whatever a table says. */
    private @Nullable AuditSubject subject(Pair pair, Map<String, String> verdicts, @Nullable SplitRole wanted)
            throws IOException {
        byte[] content = pair.content().read();
        String digest = Sha256.of(content);
        String verdict = verdicts.getOrDefault(digest, "");
        SplitRole role = switch (verdict) {
            case "included" -> wanted == null ? SplitRole.TRAINING : null;
            case "excluded" -> wanted == null ? SplitRole.EXCLUDED : null;
            default -> wanted;
        };
        if (role == null) {
            return null;
        }
        try {
            Pixels pixels = square(decoder.decode(content, pair.origin(), pair.image()));
            String creator = Objects.requireNonNullElse(pair.creator(), "");
            return new AuditSubject(name(pair), digest, role, captions.plain(pair), creator, pixels);
        } catch (FindingException e) {
            return null;
        }
    }

    private String name(Pair pair) {
        Path folder = images.toAbsolutePath().normalize();
        Path image = pair.image().toAbsolutePath().normalize();
        return (image.startsWith(folder) ? folder.relativize(image) : image).toString();
    }

    /** The middle square, at the model's size. */
    private Pixels square(Pixels picture) {
        int shortest = Math.min(picture.width(), picture.height());
        Pixels middle =
                picture.crop((picture.width() - shortest) / 2, (picture.height() - shortest) / 2, shortest, shortest);
        return Lanczos.resize(middle, side, side);
    }

    private static Map<String, String> verdicts(Path ledger) throws IOException {
        Map<String, String> verdicts = new HashMap<>();
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (Reader reader = TextFile.reader(ledger)) {
            for (CSVRecord row : format.parse(reader)) {
                verdicts.put(row.get("sha256"), row.get("verdict"));
            }
        }
        return verdicts;
    }
}
