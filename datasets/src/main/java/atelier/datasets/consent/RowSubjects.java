package atelier.datasets.consent;

import atelier.common.error.MalformedException;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.Pair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Pictures as their rows describe them, whose files nobody reads: the column {@code sha256} holds a file's digest, and
 * {@code pdq} its perceptual digests, one or several (those of all eight positions) with blanks between. A digest that
 * cannot be read makes the row fail, since no list could be asked about it.
 */
final class RowSubjects {
    private static final int DIGITS = 64;

    private final SubjectReader reader;
    private final SourceFile table;

    /** A picture with its perceptual digests. */
    record Row(Subject subject, List<Pdq> digests) {}

    /** @param sha256 of the table that the rows are from */
    RowSubjects(boolean strict, Path file, String sha256) {
        this.reader = new SubjectReader(strict);
        this.table = SubjectReader.row(file, sha256);
    }

    Row read(Pair pair) {
        String fault = "";
        String sha256 = "";
        String pdq = "";
        for (Map.Entry<String, String> column : pair.extra().entrySet()) {
            if (column.getKey().equalsIgnoreCase("sha256")) {
                sha256 = column.getValue().strip();
            } else if (column.getKey().equalsIgnoreCase("pdq")) {
                pdq = column.getValue().strip();
            }
        }
        if (!sha256.isEmpty() && !isDigest(sha256)) {
            fault = "its sha256 '" + sha256 + "' is no digest of 64 hexadecimal digits";
            sha256 = "";
        }
        List<Pdq> digests = List.of();
        try {
            digests = digests(pdq);
        } catch (MalformedException e) {
            fault = fault.isEmpty() ? "its pdq cannot be read: " + e.getMessage() : fault;
        }
        Subject subject = reader.described(pair, sha256, table);
        if (!fault.isEmpty()) {
            subject.fail(fault);
        }
        return new Row(subject, digests);
    }

    private static boolean isDigest(String text) {
        if (text.length() != DIGITS) {
            return false;
        }
        for (int i = 0; i < DIGITS; i++) {
            if (Character.digit(text.charAt(i), 16) < 0 || text.charAt(i) > 'f') {
                return false;
            }
        }
        return true;
    }

    private static List<Pdq> digests(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        if (text.length() == DIGITS) {
            return List.of(Pdq.parse(text));
        }
        List<Pdq> digests = new ArrayList<>();
        for (String each : text.split("\\s+")) {
            digests.add(Pdq.parse(each));
        }
        return digests;
    }
}
