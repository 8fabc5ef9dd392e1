package atelier.evaluation.report;

import atelier.common.file.TextFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * A run's data in numbers, from its ledger.
 *
 * @param verdicts pictures by verdict
 * @param rules pictures left out, by the rule that left them out
 * @param licences of the pictures used
 * @param creators how many people made the pictures used
 * @param lists opt-out lists that decided anything, with their digests
 */
public record DataSummary(
        Map<String, Integer> verdicts,
        Map<String, Integer> rules,
        Map<String, Integer> licences,
        int creators,
        Map<String, String> lists) {

    /** Reads ledger.csv. */
    public static DataSummary of(Path ledger) throws IOException {
        Map<String, Integer> verdicts = new TreeMap<>();
        Map<String, Integer> rules = new TreeMap<>();
        Map<String, Integer> licences = new TreeMap<>();
        Set<String> creators = new TreeSet<>();
        Map<String, String> lists = new TreeMap<>();
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (Reader reader = TextFile.reader(ledger)) {
            for (CSVRecord row : format.parse(reader)) {
                String verdict = row.get("verdict");
                verdicts.merge(verdict, 1, Integer::sum);
                if (verdict.equals("included")) {
                    licences.merge(row.get("licence").isEmpty() ? "not stated" : row.get("licence"), 1, Integer::sum);
                    if (!row.get("creator").isBlank()) {
                        creators.add(row.get("creator"));
                    }
                } else {
                    rules.merge(row.get("rule"), 1, Integer::sum);
                    if (!row.get("list").isEmpty()) {
                        lists.put(row.get("list"), row.get("list_sha256"));
                    }
                }
            }
        }
        return new DataSummary(verdicts, rules, licences, creators.size(), lists);
    }

    /** What a hub's header can say of the data's licences: the only one there is, else "other". */
    public String cardLicence() {
        return licences.size() == 1 && !licences.containsKey("not stated")
                ? licences.keySet().iterator().next().toLowerCase(Locale.ROOT)
                : "other";
    }

    /** Tables in Markdown. */
    public String markdown() {
        StringBuilder out = new StringBuilder();
        out.append("Every picture pointed at has a verdict in `ledger.csv`; ")
                .append(
                        creators == 0
                                ? "who made the pictures used is not stated.\n"
                                : "the pictures used are by " + creators + (creators == 1 ? " creator" : " creators")
                                        + ", whom `credits.md` names.\n");
        table(out, "verdict", verdicts);
        table(out, "left out by rule", rules);
        table(out, "licence of pictures used", licences);
        lists.forEach((list, digest) -> out.append("\nOpt-out list `")
                .append(list)
                .append("`, SHA-256 `")
                .append(digest)
                .append("`.\n"));
        return out.toString();
    }

    private static void table(StringBuilder out, String head, Map<String, Integer> counts) {
        if (counts.isEmpty()) {
            return;
        }
        out.append("\n| ").append(head).append(" | pictures |\n|---|---|\n");
        counts.forEach((name, count) ->
                out.append("| ").append(name).append(" | ").append(count).append(" |\n"));
    }
}
