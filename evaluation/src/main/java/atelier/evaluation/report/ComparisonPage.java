package atelier.evaluation.report;

import atelier.evaluation.report.Comparison.Change;
import atelier.evaluation.report.Comparison.Row;
import atelier.evaluation.statistics.Interval;
import java.util.List;
import java.util.Locale;

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
        StringBuilder out = new StringBuilder();
        String title = String.join(" against ", comparison.names());
        out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(Html.escaped(title))
                .append("</title><style>")
                .append(ReportPage.STYLE)
                .append("</style></head><body>\n<h1>")
                .append(Html.escaped(title))
                .append(
                        "</h1>\n<p class=\"lead\">Figures at full strength; changes are from the first run, over the same"
                                + " prompts and noise, p by sign flips, Holm-corrected.</p>\n");
        if (!comparison.broken().isEmpty()) {
            out.append("<div class=\"broken\"><b>Limits that do not hold</b><ul>");
            comparison
                    .broken()
                    .forEach(line ->
                            out.append("<li>").append(Html.escaped(line)).append("</li>"));
            out.append("</ul></div>\n");
        }
        out.append("<table><thead><tr><th>figure</th>");
        comparison
                .names()
                .forEach(name -> out.append("<th>").append(Html.escaped(name)).append("</th>"));
        List<String> others = comparison.names().subList(1, comparison.names().size());
        others.forEach(
                name -> out.append("<th>change, ").append(Html.escaped(name)).append("</th><th>p</th>"));
        out.append("</tr></thead><tbody>\n");
        comparison.rows().forEach(row -> row(row, out));
        return out.append("</tbody></table></body></html>\n").toString();
    }

    private static void row(Row row, StringBuilder out) {
        out.append("<tr><td>")
                .append(Html.escaped(row.title()))
                .append("<br><small>")
                .append(row.key())
                .append(", better: ")
                .append(row.better())
                .append("</small></td>");
        for (Interval value : row.values()) {
            out.append("<td>").append(Html.interval(value)).append("</td>");
        }
        for (Change change : row.changes()) {
            if (change == null) {
                out.append("<td>not paired</td><td>–</td>");
            } else {
                out.append("<td class=\"")
                        .append(state(row.better(), change.interval()))
                        .append("\">")
                        .append(Html.interval(change.interval()))
                        .append("</td><td>")
                        .append(Html.number(change.p()))
                        .append("</td>");
            }
        }
        out.append("</tr>\n");
    }

    private static String state(String better, Interval change) {
        boolean up = change.low() > 0;
        boolean down = change.high() < 0;
        return switch (better) {
            case "higher" -> up ? "better" : down ? "worse" : "";
            case "lower" -> down ? "better" : up ? "worse" : "";
            default -> "";
        };
    }
}
