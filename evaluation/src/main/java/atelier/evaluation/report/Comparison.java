package atelier.evaluation.report;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.statistics.Bootstrap;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.PairedTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several runs side by side, from their report.json: figures at full strength, and each run's difference from the first
 * where both drew the same prompts from the same noise.
 *
 * @param names of the runs, the one that the others are compared with first
 * @param rows one a figure that all runs have
 * @param broken limits that do not hold, in sentences
 */
public record Comparison(List<String> names, List<Row> rows, List<String> broken) {
    private static final ObjectMapper JSON = JsonText.mapper();
    /** The share of pictures nearest to the style; older reports judged it otherwise. */
    private static final String STYLE_SHARE = "style.share";

    private static final double CONFIDENCE = 0.95;
    private static final int DRAWS = 2000;

    /**
     * One figure.
     *
     * @param key its name in report.json
     * @param title its name for people
     * @param better higher, lower or neither
     * @param values one a run
     * @param changes one a run after the first; null where the runs' units are not the same
     */
    public record Row(String key, String title, String better, List<Interval> values, List<@Nullable Change> changes) {}

    /**
     * A difference from the first run.
     *
     * @param interval by drawing units again
     * @param p of no difference, by sign flips, corrected (Holm) for the figures of one run
     */
    public record Change(Interval interval, double p) {}

    /**
     * Compares.
     *
     * @param runs folders, or report.json files
     * @param limits on the later runs' figures, and on their change from the first
     * @throws WrongCommandException if a run has not been evaluated, or a limit names no figure
     */
    public static Comparison of(List<Path> runs, List<String> limits, long seed) throws IOException {
        if (runs.size() < 2) {
            throw new WrongCommandException(
                    "compare needs at least two runs, such as compare=[checkpoints/a,checkpoints/b]");
        }
        List<JsonNode> reports = new ArrayList<>();
        for (Path run : runs) {
            reports.add(read(run));
        }
        List<Row> rows = new ArrayList<>();
        JsonNode first = reports.get(0);
        first.get("measures").fields().forEachRemaining(entry -> {
            if (reports.stream().allMatch(report -> report.get("measures").has(entry.getKey()))) {
                rows.add(row(entry.getKey(), reports, seed));
            }
        });
        List<String> names = names(runs, reports);
        List<String> broken = new ArrayList<>();
        for (int i = 1; i < reports.size(); i++) {
            for (String line : Verdicts.broken(limits, figures(reports.get(i)), figures(first))) {
                broken.add(names.get(i) + ": " + line);
            }
        }
        return new Comparison(names, corrected(rows, reports.size() - 1), broken);
    }

    private static JsonNode read(Path run) throws IOException {
        Path file = Files.isDirectory(run) ? run.resolve("evaluation").resolve("report.json") : run;
        if (!Files.isRegularFile(file)) {
            throw new WrongCommandException(
                    file + " does not exist; evaluate the run first: scripts/atelier evaluate run=" + run);
        }
        JsonNode report = JSON.readTree(file.toFile());
        if (!report.path("measures").isObject()) {
            throw new WrongCommandException(
                    file + " is no evaluation's report.json: it has no measures; evaluate the run again");
        }
        return report;
    }

    /** Runs of one name are told apart by their place. */
    private static List<String> names(List<Path> runs, List<JsonNode> reports) {
        List<String> names =
                reports.stream().map(report -> report.path("run").asText()).toList();
        return names.stream().distinct().count() == names.size()
                ? names
                : runs.stream().map(Path::toString).toList();
    }

    private static Row row(String key, List<JsonNode> reports, long seed) {
        List<Interval> values = new ArrayList<>();
        List<@Nullable Change> changes = new ArrayList<>();
        for (JsonNode report : reports) {
            JsonNode arm = full(report, key);
            values.add(new Interval(
                    arm.get("value").asDouble(),
                    arm.get("low").asDouble(),
                    arm.get("high").asDouble()));
        }
        for (JsonNode report : reports.subList(1, reports.size())) {
            changes.add(change(reports.get(0), report, key, seed));
        }
        JsonNode measure = reports.get(0).get("measures").get(key);
        return new Row(
                key, measure.path("title").asText(), measure.path("better").asText(), values, changes);
    }

    private static JsonNode full(JsonNode report, String key) {
        JsonNode arms = report.get("measures").get(key).get("strengths");
        return arms.get(arms.size() - 1);
    }

    private static @Nullable Change change(JsonNode first, JsonNode other, String key, long seed) {
        double[] before = units(first, key);
        double[] after = units(other, key);
        // Units are pairs only where prompts and noise are the same.
        boolean paired = before.length > 0
                && before.length == after.length
                && first.path("prompts").equals(other.path("prompts"))
                && first.path("facts")
                        .path("generations")
                        .equals(other.path("facts").path("generations"))
                && (!key.equals(STYLE_SHARE) || measure(first).equals(measure(other)));
        if (!paired) {
            return null;
        }
        double[] differences = new double[before.length];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = after[i] - before[i];
        }
        return new Change(
                Bootstrap.of(differences.length, DRAWS, CONFIDENCE, seed).mean(differences),
                PairedTest.signFlips(differences, seed));
    }

    private static JsonNode measure(JsonNode report) {
        return report.path("facts").path("style measure");
    }

    private static double[] units(JsonNode report, String key) {
        JsonNode units = full(report, key).path("units");
        double[] values = new double[units.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = units.get(i).asDouble();
        }
        return values;
    }

    private static List<Row> corrected(List<Row> rows, int others) {
        List<Row> corrected = rows;
        for (int other = 0; other < others; other++) {
            int run = other;
            List<Row> paired = corrected.stream()
                    .filter(row -> row.changes().get(run) != null)
                    .toList();
            double[] raw = paired.stream()
                    .mapToDouble(row -> {
                        Change change = row.changes().get(run);
                        return change == null ? 1 : change.p();
                    })
                    .toArray();
            double[] holm = PairedTest.holm(raw);
            corrected = corrected.stream()
                    .map(row -> paired.contains(row) ? with(row, run, holm[paired.indexOf(row)]) : row)
                    .toList();
        }
        return corrected;
    }

    private static Row with(Row row, int run, double p) {
        List<@Nullable Change> changes = new ArrayList<>(row.changes());
        Change change = changes.get(run);
        if (change != null) {
            changes.set(run, new Change(change.interval(), p));
        }
        return new Row(row.key(), row.title(), row.better(), row.values(), changes);
    }

    private static Map<String, Double> figures(JsonNode report) {
        Map<String, Double> figures = new LinkedHashMap<>();
        report.get("measures")
                .fieldNames()
                .forEachRemaining(
                        key -> figures.put(key, full(report, key).get("value").asDouble()));
        return figures;
    }
}
