package atelier.evaluation.report;

import atelier.common.page.Page;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.PairedTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report: one page that needs nothing beside it, with what happened on its first screen. */
public final class ReportPage {
    private ReportPage() {}

    public static String html(EvaluationResult result) {
        Map<String, Skew.Word> before = new LinkedHashMap<>();
        result.baseSkew().forEach(word -> before.put(word.word(), word));
        return Page.render(
                "evaluation.jte",
                Map.of(
                        "result", result,
                        "verdicts", Verdicts.of(result),
                        "corrected", corrected(result.measures()),
                        "plot", styles(result),
                        "rows", ReportPictures.rows(result),
                        "more", ReportPictures.more(result),
                        "before", before));
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

    private static IntervalPlot styles(EvaluationResult result) {
        List<String> series = new ArrayList<>(ReportPictures.names(result));
        series.add("the style's own pictures");
        List<IntervalPlot.Row> rows = new ArrayList<>();
        for (EvaluationResult.StyleRow row : result.styles()) {
            List<Interval> intervals = new ArrayList<>(row.arms());
            intervals.add(row.ceiling());
            rows.add(new IntervalPlot.Row(row.style(), intervals));
        }
        return new IntervalPlot(series, "distance to the style, in deviations within styles; less is nearer", rows);
    }
}
