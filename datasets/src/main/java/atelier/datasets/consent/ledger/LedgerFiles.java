package atelier.datasets.consent.ledger;

import atelier.common.file.Sha256;
import atelier.common.file.StagedFile;
import atelier.common.work.BackgroundTask;
import atelier.datasets.consent.list.ListDigest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The ledger's three files. ledger.csv depends on nothing but the verdicts, so its digest can be checked anywhere. */
final class LedgerFiles {
    private static final BitSet MARKUP = new BitSet();

    static {
        "\\`*_{}[]<>|~".chars().forEach(MARKUP::set);
    }

    /** Of a SHA-256 digest. */
    private static final int DIGITS = 64;

    private static final SerializedString IMAGE = new SerializedString("image");
    private static final SerializedString SHA256 = new SerializedString("sha256");
    private static final SerializedString VERDICT = new SerializedString("verdict");
    private static final SerializedString RULE = new SerializedString("rule");
    private static final SerializedString REASON = new SerializedString("reason");
    private static final SerializedString LIST = new SerializedString("list");
    private static final SerializedString LINE = new SerializedString("line");
    private static final SerializedString LIST_SHA256 = new SerializedString("list_sha256");
    private static final SerializedString CREATOR = new SerializedString("creator");
    private static final SerializedString LICENCE = new SerializedString("licence");
    private static final SerializedString SOURCE = new SerializedString("source");

    private LedgerFiles() {}

    /**
     * Writes the files, two at a time.
     *
     * @return the SHA-256 of ledger.csv
     */
    static String write(Ledger ledger, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (StagedFile csv = StagedFile.of(folder.resolve("ledger.csv"));
                StagedFile json = StagedFile.of(folder.resolve("ledger.json"));
                StagedFile credits = StagedFile.of(folder.resolve("credits.md"))) {
            String digest;
            try (BackgroundTask<Long> other = BackgroundTask.start("ledger.json", () -> json(ledger, json))) {
                digest = csv(ledger, csv.out());
                csv.sync();
                credits(ledger, credits.out());
                credits.sync();
                json.patch(other.result(), digest.getBytes(StandardCharsets.UTF_8));
            }
            json.sync();
            csv.move();
            json.move();
            credits.move();
            return digest;
        }
    }

    /** The SHA-256 of ledger.csv, which is not written. */
    static String digest(Ledger ledger) {
        try {
            return csv(ledger, OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives the SHA-256 of what it writes. */
    private static String csv(Ledger ledger, OutputStream to) throws IOException {
        DigestOutputStream out = new DigestOutputStream(to, Sha256.digest());
        LedgerCsv.write(ledger.verdicts(), true, out);
        return HexFormat.of().formatHex(out.getMessageDigest().digest());
    }

    /** Gives the place at which the digest of ledger.csv belongs: it is found while this is written. */
    private static long json(Ledger ledger, StagedFile file) throws IOException {
        try (JsonGenerator json = new JsonFactory()
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .createGenerator(file.out())) {
            json.setPrettyPrinter(new LedgerPrinter());
            json.writeStartObject();
            json.writeStringField("ledger_csv_sha256", "0".repeat(DIGITS));
            json.flush();
            long digestAt = file.length() - DIGITS - 1;
            json.writeObjectFieldStart("counts");
            for (Outcome outcome : Outcome.values()) {
                json.writeNumberField(outcome.label(), ledger.count(outcome));
            }
            json.writeEndObject();
            json.writeObjectFieldStart("rules");
            for (Map.Entry<String, Long> rule : rules(ledger).entrySet()) {
                json.writeNumberField(rule.getKey(), rule.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("lists");
            for (ListDigest list : ledger.lists()) {
                json.writeStartObject();
                json.writeStringField("name", list.name());
                json.writeStringField("sha256", list.sha256());
                json.writeNumberField("entries", list.entries());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("images");
            for (Verdict verdict : ledger.verdicts()) {
                verdict(json, verdict);
            }
            json.writeEndArray();
            json.writeEndObject();
            return digestAt;
        }
    }

    private static void verdict(JsonGenerator json, Verdict v) throws IOException {
        json.writeStartObject();
        text(json, IMAGE, LedgerCsv.path(v.image()));
        text(json, SHA256, v.sha256());
        text(json, VERDICT, v.outcome().label());
        text(json, RULE, v.rule().label());
        text(json, REASON, v.reason());
        text(json, LIST, v.list());
        json.writeFieldName(LINE);
        json.writeNumber(v.line());
        text(json, LIST_SHA256, v.listSha256());
        text(json, CREATOR, v.creator());
        text(json, LICENCE, v.licence());
        text(json, SOURCE, v.source());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, SerializedString name, String value) throws IOException {
        json.writeFieldName(name);
        json.writeString(value);
    }

    /** Excluded and failed pictures by rule. */
    private static Map<String, Long> rules(Ledger ledger) {
        Map<String, Long> counts = new TreeMap<>();
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                counts.merge(verdict.rule().label(), 1L, Long::sum);
            }
        }
        return counts;
    }

    private static void credits(Ledger ledger, OutputStream to) throws IOException {
        TextRows out = new TextRows(to);
        out.append("# Credits\n\nThe pictures that were trained on, and who made them.\n\n");
        out.append("| Picture | Creator | Licence | Source |\n|---|---|---|---|\n");
        for (Verdict v : ledger.verdicts()) {
            if (v.outcome() == Outcome.INCLUDED) {
                cell(out.append("| "), String.valueOf(v.image().getFileName()));
                cell(out.append(" | "), v.creator());
                cell(out.append(" | "), v.licence());
                cell(out.append(" | "), v.source());
                out.append(" |\n");
                out.end();
            }
        }
        out.end();
    }

    /** A text within a Markdown table: nothing in it is taken for markup, and a run of blanks is one. */
    private static void cell(TextRows out, String text) {
        if (text.isEmpty()) {
            out.append("not stated");
        }
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isBlank(c)) {
                out.append(text, from, i).append(i > 0 && isBlank(text.charAt(i - 1)) ? "" : " ");
                from = i + 1;
            } else if (MARKUP.get(c)) {
                out.append(text, from, i).append('\\');
                from = i;
            }
        }
        out.append(text, from, text.length());
    }

    /** Of ASCII's blanks. */
    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
