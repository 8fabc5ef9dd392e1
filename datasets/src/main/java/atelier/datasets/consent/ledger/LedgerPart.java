package atelier.datasets.consent.ledger;

import atelier.common.file.AtomicFile;
import atelier.common.file.Sha256;
import atelier.common.file.StagedFile;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A stretch of a ledger that is too large for one file: rows of ledger.csv without the line that names the columns. That
 * line and all parts in their order are, byte for byte, the ledger.csv of one machine. Beside each part stands this record of
 * it, written last: where it is, the part is whole.
 *
 * @param name the file's
 * @param table the table of pairs that the rows are from
 * @param from the first row in it, from 0
 * @param rows how many
 * @param sha256 of the file
 * @param evidence whether a row has an allowed licence or a grant
 * @param counts of each outcome
 * @param rules of pictures that were excluded or failed, by rule
 */
public record LedgerPart(
        @JsonProperty("name") String name,
        @JsonProperty("table") String table,
        @JsonProperty("from") long from,
        @JsonProperty("rows") long rows,
        @JsonProperty("sha256") String sha256,
        @JsonProperty("evidence") boolean evidence,
        @JsonProperty("counts") TreeMap<String, Long> counts,
        @JsonProperty("rules") TreeMap<String, Long> rules)
        implements Serializable {
    private static final JsonMapper JSON = new JsonMapper();

    /** The name of a part, whose number is from 0. */
    public static String name(int number) {
        return String.format(Locale.ROOT, "part-%06d.csv", number);
    }

    private static Path record(Path folder, String name) {
        return folder.resolve(name.replace(".csv", ".json"));
    }

    /** Writes the line that names the columns. */
    public static void header(OutputStream out) throws IOException {
        LedgerCsv.write(List.of(), true, out);
    }

    /** Writes the rows of verdicts. */
    public static void rows(List<Verdict> verdicts, OutputStream out) throws IOException {
        LedgerCsv.write(verdicts, false, out);
    }

    /**
     * Writes a part and its record, each whole or not at all.
     *
     * @param evidence whether a row has an allowed licence or a grant
     */
    public static LedgerPart write(
            Path folder, int number, String table, long from, List<Verdict> verdicts, boolean evidence)
            throws IOException {
        Path file = folder.resolve(name(number));
        String sha256;
        try (StagedFile staged = StagedFile.of(file)) {
            DigestOutputStream out = new DigestOutputStream(staged.out(), Sha256.digest());
            rows(verdicts, out);
            staged.sync();
            staged.move();
            sha256 = HexFormat.of().formatHex(out.getMessageDigest().digest());
        }
        TreeMap<String, Long> counts = new TreeMap<>();
        TreeMap<String, Long> rules = new TreeMap<>();
        for (Verdict verdict : verdicts) {
            counts.merge(verdict.outcome().label(), 1L, Long::sum);
            if (verdict.outcome() != Outcome.INCLUDED) {
                rules.merge(verdict.rule().label(), 1L, Long::sum);
            }
        }
        LedgerPart part = new LedgerPart(name(number), table, from, verdicts.size(), sha256, evidence, counts, rules);
        AtomicFile.write(record(folder, part.name()), JSON.writeValueAsBytes(part));
        return part;
    }

    /** What an earlier run wrote under a number; empty where it did not come so far. */
    public static Optional<LedgerPart> finished(Path folder, int number) throws IOException {
        Path record = record(folder, name(number));
        return Files.isRegularFile(record) && Files.isRegularFile(folder.resolve(name(number)))
                ? Optional.of(JSON.readValue(Files.readAllBytes(record), LedgerPart.class))
                : Optional.empty();
    }

    /** The sum of some parts' counts. */
    static Map<String, Long> sum(List<Map<String, Long>> counts) {
        Map<String, Long> sum = new TreeMap<>();
        counts.forEach(each -> each.forEach((name, count) -> sum.merge(name, count, Long::sum)));
        return sum;
    }
}
