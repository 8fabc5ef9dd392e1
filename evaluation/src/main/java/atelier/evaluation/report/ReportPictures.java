package atelier.evaluation.report;

import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.EvaluationResult.Example;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The report's rows of pictures: what is drawn, the worst cases, and many prompts. */
final class ReportPictures {
    private static final int FIRST = 6;
    private static final int WORST = 6;
    private static final int GRID = 24;

    private ReportPictures() {}

    /** A few prompts, spread over all: columns are prompts, rows are strengths. */
    static void first(EvaluationResult result, StringBuilder out) {
        List<Example> shown = spread(result.examples(), FIRST);
        out.append("<h2>What it draws</h2>\n<div class=\"pictures\" style=\"grid-template-columns:7em repeat(")
                .append(shown.size())
                .append(",max-content)\">\n<span></span>");
        shown.forEach(example ->
                out.append("<span>").append(Html.escaped(example.prompt())).append("</span>"));
        for (int arm = 0; arm < result.settings().strengths().size(); arm++) {
            int strength = arm;
            out.append("\n<span>").append(name(result, arm)).append("</span>");
            shown.forEach(example -> out.append(Html.picture(example.pictures().get(strength), example.prompt())));
        }
        if (shown.stream().allMatch(example -> example.reference() != null)) {
            out.append("\n<span>")
                    .append(result.isHeldOut() ? "the style's own, held out" : "what it was trained on")
                    .append("</span>");
            for (Example example : shown) {
                if (example.reference() != null) {
                    out.append(Html.picture(example.reference(), example.prompt()));
                }
            }
        }
        out.append("</div>\n");
    }

    /** Prompts and pictures that came out worst, and more of them all. */
    static void cases(EvaluationResult result, StringBuilder out) {
        List<Example> byRank = result.examples().stream()
                .filter(example -> !Double.isNaN(example.rank()))
                .sorted(Comparator.comparingDouble(Example::rank).reversed())
                .limit(WORST)
                .toList();
        row(out, "Worst: prompts that are recognised least", result, byRank, true);
        List<Example> byMargin = result.examples().stream()
                .filter(example -> !Double.isNaN(example.margin()))
                .sorted(Comparator.comparingDouble(Example::margin))
                .limit(WORST)
                .toList();
        row(out, "Worst: pictures that are least in the style", result, byMargin, false);
        out.append(
                "<h2>More prompts</h2>\n<div class=\"pictures\" style=\"grid-template-columns:repeat(auto-fill,minmax(400px,1fr))\">\n");
        for (Example example : spread(result.examples(), GRID)) {
            out.append("<div><span>")
                    .append(Html.escaped(example.prompt()))
                    .append("</span><div style=\"display:flex\">");
            example.pictures().forEach(picture -> out.append(Html.picture(picture, example.prompt())));
            out.append("</div></div>\n");
        }
        out.append("</div>\n");
    }

    private static void row(
            StringBuilder out, String title, EvaluationResult result, List<Example> shown, boolean ranks) {
        if (shown.isEmpty()) {
            return;
        }
        out.append("<h2>")
                .append(title)
                .append("</h2>\n<div class=\"pictures\" style=\"grid-template-columns:7em repeat(")
                .append(shown.size())
                .append(",max-content)\">\n<span></span>");
        for (Example example : shown) {
            out.append("<span>")
                    .append(Html.escaped(example.prompt()))
                    .append("<br>")
                    .append(
                            ranks
                                    ? "mean rank " + Html.number(example.rank())
                                    : "nearer by " + Html.number(example.margin()))
                    .append("</span>");
        }
        int last = result.settings().strengths().size() - 1;
        for (int arm : new int[] {0, last}) {
            out.append("\n<span>").append(name(result, arm)).append("</span>");
            shown.forEach(example -> out.append(Html.picture(example.pictures().get(arm), example.prompt())));
        }
        out.append("</div>\n");
    }

    /** What a strength is called. */
    static String name(EvaluationResult result, int arm) {
        double strength = result.settings().strengths().get(arm);
        return strength == 0 ? "base" : "adapter at " + strength;
    }

    private static List<Example> spread(List<Example> all, int most) {
        List<Example> spread = new ArrayList<>();
        int count = Math.min(most, all.size());
        for (int i = 0; i < count; i++) {
            spread.add(all.get(i * all.size() / count));
        }
        return spread;
    }
}
