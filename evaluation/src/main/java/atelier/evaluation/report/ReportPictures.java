package atelier.evaluation.report;

import atelier.common.image.Pixels;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.EvaluationResult.Example;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** The report's rows of pictures: what is drawn, the worst cases, and many prompts. */
public final class ReportPictures {
    private static final int FIRST = 6;
    private static final int WORST = 6;
    private static final int GRID = 24;

    private ReportPictures() {}

    /**
     * Pictures of some prompts: columns are prompts, lines are strengths.
     *
     * @param first whether it stands before the figures
     */
    public record Row(String title, boolean first, List<Head> heads, List<Line> lines) {}

    /** A prompt, and what is to be said of it; empty for nothing. */
    public record Head(String prompt, String note) {}

    /** A strength's pictures, one a prompt. */
    public record Line(String name, List<Pixels> pictures) {}

    /** A few prompts, spread over all, then those that came out worst. */
    static List<Row> rows(EvaluationResult result) {
        List<Row> rows = new ArrayList<>();
        rows.add(first(result));
        List<Example> byRank = result.examples().stream()
                .filter(example -> !Double.isNaN(example.rank()))
                .sorted(Comparator.comparingDouble(Example::rank).reversed())
                .limit(WORST)
                .toList();
        worst(
                rows,
                "Worst: prompts that are recognised least",
                result,
                byRank,
                example -> "mean rank " + ReportNumbers.of(example.rank()));
        List<Example> byMargin = result.examples().stream()
                .filter(example -> !Double.isNaN(example.margin()))
                .sorted(Comparator.comparingDouble(Example::margin))
                .limit(WORST)
                .toList();
        worst(
                rows,
                "Worst: pictures that are least in the style",
                result,
                byMargin,
                example -> "nearer by " + ReportNumbers.of(example.margin()));
        return rows;
    }

    private static Row first(EvaluationResult result) {
        List<Example> shown = spread(result.examples(), FIRST);
        List<Line> lines = new ArrayList<>();
        for (int arm = 0; arm < result.settings().strengths().size(); arm++) {
            lines.add(line(result, arm, shown));
        }
        List<Pixels> references =
                shown.stream().map(Example::reference).filter(Objects::nonNull).toList();
        if (references.size() == shown.size()) {
            String own = result.isHeldOut() ? "the style's own, held out" : "what it was trained on";
            lines.add(new Line(own, references));
        }
        return new Row(
                "What it draws",
                true,
                shown.stream().map(example -> new Head(example.prompt(), "")).toList(),
                lines);
    }

    private static void worst(
            List<Row> rows,
            String title,
            EvaluationResult result,
            List<Example> shown,
            Function<Example, String> note) {
        if (!shown.isEmpty()) {
            rows.add(new Row(
                    title,
                    false,
                    shown.stream()
                            .map(example -> new Head(example.prompt(), note.apply(example)))
                            .toList(),
                    List.of(
                            line(result, 0, shown),
                            line(result, result.settings().strengths().size() - 1, shown))));
        }
    }

    private static Line line(EvaluationResult result, int arm, List<Example> shown) {
        return new Line(
                name(result, arm),
                shown.stream().map(example -> example.pictures().get(arm)).toList());
    }

    /** More prompts, spread over all. */
    static List<Example> more(EvaluationResult result) {
        return spread(result.examples(), GRID);
    }

    /** What the strengths are called. */
    public static List<String> names(EvaluationResult result) {
        List<String> names = new ArrayList<>();
        for (int arm = 0; arm < result.settings().strengths().size(); arm++) {
            names.add(name(result, arm));
        }
        return names;
    }

    private static String name(EvaluationResult result, int arm) {
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
