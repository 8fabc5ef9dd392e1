package atelier.datasets.consent.ledger;

import atelier.common.error.RefusedException;
import atelier.common.file.AtomicFile;
import atelier.common.file.Sha256;
import atelier.datasets.consent.list.ListDigest;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The whole of a ledger in parts: {@value #NAME} in its folder, beside {@code ledger/part-000000.csv} and so on. The digest
 * of the parts' digests stands for them all.
 *
 * @param partsSha256 of the lines {@code digest  name}, one a part, in their order
 * @param judgedOn the day by which grants were judged, such as 2026-06-01
 * @param rows of all parts
 * @param counts of each outcome
 * @param rules of pictures that were excluded or failed, by rule
 * @param lists every list, captured file and grants' file that was read
 * @param tables the tables of pairs
 * @param parts in their order
 */
public record LedgerManifest(
        @JsonProperty("parts_sha256") String partsSha256,
        @JsonProperty("judged_on") String judgedOn,
        @JsonProperty("rows") long rows,
        @JsonProperty("counts") Map<String, Long> counts,
        @JsonProperty("rules") Map<String, Long> rules,
        @JsonProperty("lists") List<ListDigest> lists,
        @JsonProperty("tables") List<Table> tables,
        @JsonProperty("parts") List<LedgerPart> parts) {
    /** The manifest's name. */
    public static final String NAME = "ledger-parts.json";

    /** The folder of the parts, beside the manifest. */
    public static final String PARTS = "ledger";

    private static final String JUDGE = "restore it from a copy, or judge anew";
    private static final JsonMapper JSON = new JsonMapper();

    /** A table of pairs. */
    public record Table(
            @JsonProperty("file") String file,
            @JsonProperty("rows") long rows,
            @JsonProperty("sha256") String sha256) {}

    /** Of parts in their order. */
    public static LedgerManifest of(
            String judgedOn, List<ListDigest> lists, List<Table> tables, List<LedgerPart> parts) {
        return new LedgerManifest(
                digest(parts),
                judgedOn,
                parts.stream().mapToLong(LedgerPart::rows).sum(),
                LedgerPart.sum(parts.stream()
                        .map(part -> (Map<String, Long>) part.counts())
                        .toList()),
                LedgerPart.sum(parts.stream()
                        .map(part -> (Map<String, Long>) part.rules())
                        .toList()),
                lists,
                tables,
                parts);
    }

    private static String digest(List<LedgerPart> parts) {
        StringBuilder lines = new StringBuilder();
        parts.forEach(part ->
                lines.append(part.sha256()).append("  ").append(part.name()).append('\n'));
        return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Whether any part saw evidence of a licence. */
    public boolean evidence() {
        return parts.stream().anyMatch(LedgerPart::evidence);
    }

    /** How many pictures were included, excluded and failed, in a sentence. */
    public String summary() {
        return rows + " pictures: " + counts.getOrDefault("included", 0L) + " included, "
                + counts.getOrDefault("excluded", 0L) + " excluded, " + counts.getOrDefault("failed", 0L) + " failed";
    }

    /** Writes it into a folder, whole or not at all. */
    public void write(Path folder) throws IOException {
        AtomicFile.write(
                folder.resolve(NAME), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    }

    /** Whether a folder has one. */
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(NAME));
    }

    /** Reads that of a folder. */
    public static LedgerManifest read(Path folder) throws IOException {
        return JSON.readValue(Files.readAllBytes(folder.resolve(NAME)), LedgerManifest.class);
    }

    /**
     * Reads all parts.
     *
     * @return the SHA-256 of the ledger.csv that they are together
     * @throws RefusedException naming the first part that is missing or differs from its digest
     */
    public String check(Path folder) throws IOException {
        if (!digest(parts).equals(partsSha256)) {
            throw new RefusedException(folder.resolve(NAME).toString(), "it was changed", JUDGE);
        }
        DigestOutputStream whole = new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.digest());
        LedgerPart.header(whole);
        for (LedgerPart part : parts) {
            Path file = folder.resolve(PARTS).resolve(part.name());
            if (!Files.isRegularFile(file)) {
                throw new RefusedException(file.toString(), "it is missing", JUDGE);
            }
            DigestOutputStream one = new DigestOutputStream(whole, Sha256.digest());
            Files.copy(file, one);
            if (!HexFormat.of().formatHex(one.getMessageDigest().digest()).equals(part.sha256())) {
                throw new RefusedException(file.toString(), "it differs from its digest in " + NAME, JUDGE);
            }
        }
        return HexFormat.of().formatHex(whole.getMessageDigest().digest());
    }
}
