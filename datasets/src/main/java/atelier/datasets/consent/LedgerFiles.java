package atelier.datasets.consent;

import atelier.datasets.consent.lists.ListDigest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** The ledger's three files. ledger.csv depends on nothing but the verdicts, so its digest can be checked anywhere. */
final class LedgerFiles {
    private static final String[] COLUMNS = {
        "image", "sha256", "verdict", "rule", "reason", "list", "line", "list_sha256", "creator", "licence", "source"
    };

    private LedgerFiles() {}

    static void write(Ledger ledger, Path folder) throws IOException {
        Files.createDirectories(folder);
        byte[] csv = csv(ledger);
        replace(folder.resolve("ledger.csv"), csv);
        replace(folder.resolve("ledger.json"), json(ledger));
        replace(folder.resolve("credits.md"), credits(ledger));
    }

    static byte[] csv(Ledger ledger) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader(COLUMNS)
                .setRecordSeparator('\n')
                .get();
        try (Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
                CSVPrinter printer = new CSVPrinter(writer, format)) {
            for (Verdict v : ledger.verdicts()) {
                printer.printRecord(
                        path(v.image()),
                        v.sha256(),
                        v.outcome().label(),
                        v.rule().label(),
                        v.reason(),
                        v.list(),
                        v.line() == 0 ? "" : Long.toString(v.line()),
                        v.listSha256(),
                        v.creator(),
                        v.licence(),
                        v.source());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] json(Ledger ledger) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeStringField("ledger_csv_sha256", ledger.digest());
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
        }
        return out.toByteArray();
    }

    private static void verdict(JsonGenerator json, Verdict v) throws IOException {
        json.writeStartObject();
        json.writeStringField("image", path(v.image()));
        json.writeStringField("sha256", v.sha256());
        json.writeStringField("verdict", v.outcome().label());
        json.writeStringField("rule", v.rule().label());
        json.writeStringField("reason", v.reason());
        json.writeStringField("list", v.list());
        json.writeNumberField("line", v.line());
        json.writeStringField("list_sha256", v.listSha256());
        json.writeStringField("creator", v.creator());
        json.writeStringField("licence", v.licence());
        json.writeStringField("source", v.source());
        json.writeEndObject();
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

    private static byte[] credits(Ledger ledger) {
        StringBuilder out = new StringBuilder("# Credits\n\nThe pictures that were trained on, and who made them.\n\n");
        out.append("| Picture | Creator | Licence | Source |\n|---|---|---|---|\n");
        for (Verdict v : ledger.verdicts()) {
            if (v.outcome() == Outcome.INCLUDED) {
                out.append("| ")
                        .append(cell(String.valueOf(v.image().getFileName())))
                        .append(" | ")
                        .append(cell(v.creator()))
                        .append(" | ")
                        .append(cell(v.licence()))
                        .append(" | ")
                        .append(cell(v.source()))
                        .append(" |\n");
            }
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A text within a Markdown table: nothing in it is taken for markup. */
    private static String cell(String text) {
        if (text.isEmpty()) {
            return "not stated";
        }
        return text.replaceAll("\\s+", " ").replaceAll("([\\\\`*_{}\\[\\]<>|~])", "\\\\$1");
    }

    private static String path(Path path) {
        return path.toString().replace('\\', '/');
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path made = Files.createTempFile(folder, "." + file.getFileName(), ".part");
        try {
            try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            try {
                Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(made);
        }
    }
}
