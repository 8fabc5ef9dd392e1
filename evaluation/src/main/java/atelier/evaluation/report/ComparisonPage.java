package atelier.evaluation.report;

import atelier.common.page.Page;
import atelier.evaluation.report.Comparison.Change;
import atelier.evaluation.report.Comparison.Row;
import atelier.evaluation.statistics.Interval;
import java.util.Locale;
import java.util.Map;

/** A comparison for people: a table for a terminal, and a page that needs nothing beside it. */
public final class ComparisonPage {
    private ComparisonPage() {}

    /** Lines of text, columns apart by two spaces. */
    public static String text(Comparison comparison) {
        StringBuilder out = new StringBuilder();
        int wide = comparison.rows().stream()
                .mapToInt(row -> row.key().length())
                .max()
                .orElse(6);
        out.append(String.format(Locale.ROOT, "%-" + wide + "s", "figure"));
        comparison.names().forEach(name -> out.append(String.format(Locale.ROOT, "  %16s", name)));
        out.append(String.format(Locale.ROOT, "  %s%n", "change from the first, its interval, p"));
        for (Row row : comparison.rows()) {
            out.append(String.format(Locale.ROOT, "%-" + wide + "s", row.key()));
            row.values().forEach(value -> out.append(String.format(Locale.ROOT, "  %16.4g", value.value())));
            for (Change change : row.changes()) {
                out.append(
                        change == null
                                ? "  not paired"
                                : String.format(Locale.ROOT, "  %s p=%.3g", change.interval(), change.p()));
            }
            out.append(System.lineSeparator());
        }
        return out.toString();
    }

    public static String html(Comparison comparison) {
        return Page.render(
                "comparison.jte",
                Map.of("comparison", comparison, "title", String.join(" against ", comparison.names())));
    }

    /** Whether a change is for the better or the worse; empty where its interval holds 0. */
    public static String state(String better, Interval change) {
        boolean up = change.low() > 0;
        boolean down = change.high() < 0;
        return switch (better) {
            case "higher" -> up ? "better" : down ? "worse" : "";
            case "lower" -> down ? "better" : up ? "worse" : "";
            default -> "";
        };
    }
}
