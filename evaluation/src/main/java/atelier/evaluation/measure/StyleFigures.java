package atelier.evaluation.measure;

import atelier.evaluation.features.Features;
import atelier.evaluation.measure.EvaluationResult.StyleRow;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.StyleSpace;
import atelier.evaluation.metric.StyleSpace.Statistics;
import atelier.evaluation.statistics.Bootstrap;
import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Did the style arrive: nearness to the run's own style among foils, by two kinds of statistics. */
final class StyleFigures {
    /** The run's own style's name in tables. */
    static final String OWN = "this style";

    private final EvaluationSettings settings;
    private final List<Features> own;
    private final StyleSpace moments;
    private final StyleSpace gram;

    /**
     * @param own pictures of the style
     * @param foils other styles' pictures; not empty
     */
    StyleFigures(EvaluationSettings settings, List<Features> own, Map<String, List<Features>> foils) {
        this.settings = settings;
        this.own = own;
        Map<String, List<Features>> all = new LinkedHashMap<>();
        all.put(OWN, own);
        all.putAll(foils);
        moments = new StyleSpace(Statistics.MOMENTS, all);
        gram = new StyleSpace(Statistics.GRAM, all);
    }

    List<Measure> measures(List<StrengthFeatures> arms) {
        int others = moments.names().size() - 1;
        return List.of(
                measure(
                        "style.share",
                        "nearest to its own style",
                        "share of pictures that are nearer to the run's style than to each of " + others
                                + " others; pictures of the style itself: " + percent(ownShare()),
                        Better.HIGHER,
                        arms,
                        picture -> moments.margin(picture, OWN) > 0 ? 1 : 0),
                measure(
                        "style.margin",
                        "nearer to its own style by",
                        "distance to the nearest other style less the distance to the run's own",
                        Better.HIGHER,
                        arms,
                        picture -> moments.margin(picture, OWN)),
                measure(
                        "style.moments",
                        "style distance, means and deviations",
                        "to the mean of the style's pictures, each channel's mean and deviation in units of its"
                                + " deviation within styles",
                        Better.LOWER,
                        arms,
                        picture -> moments.distance(picture, OWN)),
                measure(
                        "style.gram",
                        "style distance, Gram",
                        "the same over products of channels",
                        Better.LOWER,
                        arms,
                        picture -> gram.distance(picture, OWN)));
    }

    private Measure measure(
            String key,
            String title,
            String meaning,
            Better better,
            List<StrengthFeatures> arms,
            ToDoubleFunction<Features> figure) {
        return Measure.ofUnits(
                key,
                title,
                meaning,
                better,
                settings.strengths(),
                arms.stream().map(arm -> arm.perPrompt(figure)).toList(),
                settings.resampling());
    }

    /** Margins of each prompt's pictures at one strength. */
    double[] margins(StrengthFeatures arm) {
        return arm.perPrompt(picture -> moments.margin(picture, OWN));
    }

    List<StyleRow> rows(List<StrengthFeatures> arms) {
        List<StyleRow> rows = new ArrayList<>();
        for (String style : moments.names()) {
            List<Interval> intervals = new ArrayList<>();
            for (StrengthFeatures arm : arms) {
                double[] distances = arm.perPrompt(picture -> moments.distance(picture, style));
                intervals.add(bootstrap(distances.length).mean(distances));
            }
            rows.add(new StyleRow(style, intervals, ceiling(style)));
        }
        return rows;
    }

    private Interval ceiling(String style) {
        double[] distances = new double[moments.size(style)];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = moments.leftOut(style, i);
        }
        return bootstrap(distances.length).mean(distances);
    }

    private double ownShare() {
        int nearest = 0;
        for (int i = 0; i < own.size(); i++) {
            if (moments.leftOutMargin(OWN, i, own.get(i)) > 0) {
                nearest++;
            }
        }
        return (double) nearest / own.size();
    }

    private Bootstrap bootstrap(int units) {
        return Bootstrap.of(units, settings.draws(), settings.confidence(), settings.seed());
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }
}
