package atelier.evaluation.report;

import atelier.evaluation.audit.report.AuditPage;
import atelier.evaluation.audit.report.AuditSection;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.PairedTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report: one page that needs nothing beside it, with what happened on its first screen. */
public final class ReportPage {
    static final String STYLE = """
            :root{color-scheme:light}
            body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:78em;padding:1.2em 1.4em 4em;color:#1f2328}
            h1{font-size:1.5em;margin:.2em 0}h2{margin:2em 0 .5em;font-size:1.2em;border-bottom:1px solid #ddd}
            .summary{font-size:1.15em;margin:.3em 0}.lead{color:#555;margin:.2em 0 1em;font-size:.9em}
            .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13.5em,1fr));gap:.7em}
            .card{border:1px solid #ddd;border-top:5px solid #9aa0a6;border-radius:6px;padding:.5em .8em}
            .card.good{border-top-color:#1a7f37}.card.bad{border-top-color:#b42318}.card.unsure{border-top-color:#d4a017}
            .card h3{margin:0;font-size:.9em;font-weight:normal;color:#555}.card b{font-size:1.25em}
            .card p{margin:.2em 0 0;font-size:.87em}
            table{border-collapse:collapse}td,th{padding:.3em .7em;border-bottom:1px solid #e5e5e5;text-align:left}
            th{font-weight:600;font-size:.9em}td small{color:#666}.range{color:#666;font-size:.85em;white-space:nowrap}
            .pictures{display:grid;gap:.35em .5em;align-items:center;overflow-x:auto}
            .pictures img{display:block;border:1px solid #eee}.pictures span{font-size:.85em;color:#444}
            .plot{max-width:52em;width:100%}.plot text{font:13px system-ui,sans-serif}.plot .tick{font-size:11px;fill:#666}
            .better{color:#1a7f37}.worse{color:#b42318}.broken{border:2px solid #b42318;padding:.5em 1em}
            code{font-size:.9em}
            """;

    private ReportPage() {}

    public static String html(EvaluationResult result) {
        StringBuilder out = new StringBuilder();
        out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(Html.escaped(result.run().name()))
                .append(": evaluation</title>\n<style>")
                .append(STYLE)
                .append(AuditPage.STYLE)
                .append("</style></head><body>\n");
        head(result, out);
        ReportPictures.first(result, out);
        measures(result, out);
        styles(result, out);
        ReportPictures.cases(result, out);
        skew(result, out);
        if (result.audit() != null) {
            out.append(AuditSection.html(result.audit()));
        }
        facts(result, out);
        return out.append("</body></html>\n").toString();
    }

    private static void head(EvaluationResult result, StringBuilder out) {
        List<Verdicts.Verdict> verdicts = Verdicts.of(result);
        out.append("<h1>")
                .append(Html.escaped(result.run().name()))
                .append("</h1>\n<p class=\"summary\">")
                .append(Html.escaped(Verdicts.summary(verdicts)))
                .append("</p>\n<p class=\"lead\">")
                .append(Html.escaped(result.facts().getOrDefault("generations", "")))
                .append(". Same noise for every strength; strength 0 ")
                .append(result.zeroEqualsBase() ? "equals the base bit for bit" : "DIFFERS from the base")
                .append(".</p>\n<div class=\"cards\">\n");
        for (Verdicts.Verdict verdict : verdicts) {
            out.append("<div class=\"card ")
                    .append(verdict.state().name().toLowerCase(Locale.ROOT))
                    .append("\"><h3>")
                    .append(Html.escaped(verdict.question()))
                    .append("</h3><b>")
                    .append(Html.escaped(verdict.answer()))
                    .append("</b><p>")
                    .append(Html.escaped(verdict.reason()))
                    .append("</p></div>\n");
        }
        out.append("</div>\n");
        if (!result.broken().isEmpty()) {
            out.append("<div class=\"broken\"><b>Limits that do not hold</b><ul>");
            result.broken()
                    .forEach(line ->
                            out.append("<li>").append(Html.escaped(line)).append("</li>"));
            out.append("</ul></div>\n");
        }
    }

    private static void measures(EvaluationResult result, StringBuilder out) {
        out.append("<h2>Figures</h2>\n<table><thead><tr><th>figure</th>");
        for (int arm = 0; arm < result.settings().strengths().size(); arm++) {
            out.append("<th>").append(ReportPictures.name(result, arm)).append("</th>");
        }
        out.append("<th>change</th><th>p</th></tr></thead><tbody>\n");
        Map<String, Double> corrected = corrected(result.measures());
        for (Measure measure : result.measures()) {
            out.append("<tr><td>")
                    .append(Html.escaped(measure.title()))
                    .append(arrow(measure))
                    .append("<br><small>")
                    .append(Html.escaped(measure.meaning()))
                    .append("</small></td>");
            measure.arms()
                    .forEach(arm -> out.append("<td>")
                            .append(Html.interval(arm.interval()))
                            .append("</td>"));
            String state = measure.improved() ? "better" : measure.worsened() ? "worse" : "";
            out.append("<td class=\"")
                    .append(state)
                    .append("\">")
                    .append(measure.change() == null ? "–" : Html.interval(measure.change()))
                    .append("</td><td>")
                    .append(
                            corrected.containsKey(measure.key())
                                    ? Html.number(corrected.getOrDefault(measure.key(), Double.NaN))
                                    : "–")
                    .append("</td></tr>\n");
        }
        out.append("</tbody></table>\n");
    }

    private static String arrow(Measure measure) {
        return switch (measure.better()) {
            case HIGHER -> " ↑";
            case LOWER -> " ↓";
            case NEITHER -> "";
        };
    }

    /** p-values by key, corrected for their number. */
    static Map<String, Double> corrected(List<Measure> measures) {
        Map<String, Double> raw = new LinkedHashMap<>();
        for (Measure measure : measures) {
            if (measure.p() != null) {
                raw.put(measure.key(), measure.p());
            }
        }
        double[] holm = PairedTest.holm(
                raw.values().stream().mapToDouble(Double::doubleValue).toArray());
        int at = 0;
        for (Map.Entry<String, Double> entry : raw.entrySet()) {
            entry.setValue(holm[at++]);
        }
        return raw;
    }

    private static void styles(EvaluationResult result, StringBuilder out) {
        if (result.styles().isEmpty()) {
            return;
        }
        List<String> series = new ArrayList<>();
        for (int arm = 0; arm < result.settings().strengths().size(); arm++) {
            series.add(ReportPictures.name(result, arm));
        }
        series.add("the style's own pictures");
        IntervalPlot plot =
                new IntervalPlot(series, "distance to the style, in deviations within styles; less is nearer");
        for (EvaluationResult.StyleRow row : result.styles()) {
            List<Interval> intervals = new ArrayList<>(row.arms());
            intervals.add(row.ceiling());
            plot.row(row.style(), intervals);
        }
        out.append("<h2>How near to which style</h2>\n").append(plot.svg());
    }

    private static void skew(EvaluationResult result, StringBuilder out) {
        out.append(
                "<h2>What neutral prompts bring</h2>\n<p>Each of these pictures lends the caption of the training picture"
                        + " that it resembles most; words in them are counted against the training captions' own frequency. The"
                        + " words listed are the configured ones that captions have, and the most shifted others.</p>\n");
        if (result.adaptedSkew().isEmpty()) {
            out.append("<p>No word is shifted.</p>\n");
            return;
        }
        Map<String, Skew.Word> base = new LinkedHashMap<>();
        result.baseSkew().forEach(word -> base.put(word.word(), word));
        out.append(
                "<table><thead><tr><th>word</th><th>training captions</th><th>adapter</th><th>base</th></tr></thead><tbody>\n");
        for (Skew.Word word : result.adaptedSkew()) {
            Skew.Word before = base.get(word.word());
            out.append("<tr><td>")
                    .append(Html.escaped(word.word()))
                    .append("</td><td>")
                    .append(Html.number(word.captions()))
                    .append("</td><td>")
                    .append(Html.interval(word.drawn()))
                    .append("</td><td>")
                    .append(before == null ? "–" : Html.interval(before.drawn()))
                    .append("</td></tr>\n");
        }
        out.append("</tbody></table>\n");
    }

    private static void facts(EvaluationResult result, StringBuilder out) {
        out.append("<h2>Settings and digests</h2>\n<table><tbody>\n");
        result.facts()
                .forEach((name, value) -> out.append("<tr><td>")
                        .append(Html.escaped(name))
                        .append("</td><td><code>")
                        .append(Html.escaped(value))
                        .append("</code></td></tr>\n"));
        result.seconds()
                .forEach((stage, seconds) -> out.append("<tr><td>seconds, ")
                        .append(Html.escaped(stage))
                        .append("</td><td>")
                        .append(Html.number(seconds))
                        .append("</td></tr>\n"));
        out.append("</tbody></table>\n");
    }
}
