package atelier.evaluation.measure;

import atelier.evaluation.features.Features;
import atelier.evaluation.measure.EvaluationResult.StyleRow;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.StyleCheck;
import atelier.evaluation.metric.StyleCheck.Sample;
import atelier.evaluation.metric.StyleDiscriminant;
import atelier.evaluation.metric.StyleSpace;
import atelier.evaluation.metric.StyleSpace.Statistics;
import atelier.evaluation.metric.StyleStatistics;
import atelier.evaluation.statistics.Bootstrap;
import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Did the style arrive: nearness to the run's own style among foils, and how well that tells real pictures apart. */
final class StyleFigures {
    /** The run's own style's name in tables. */
    static final String OWN = "this style";

    /** How style.share is judged: reports that name another way do not compare. */
    static final String METHOD =
            "linear discriminant with shrunk covariance over the channels' means, deviations and" + " correlations";

    private final EvaluationSettings settings;
    private final StyleSpace moments;
    private final StyleSpace gram;
    private final StyleDiscriminant discriminant;
    private final StyleCheck check;

    /**
     * A picture as the network sees it.
     *
     * @param caption what it shows
     * @param features the network's
     */
    record Seen(String caption, Features features) {
        Sample sample() {
            return new Sample(caption, StyleStatistics.of(features));
        }
    }

    /**
     * @param own pictures of the style that distances to it are taken to
     * @param references pictures of the style that it is told from the foils by
     * @param heldOut pictures of the style that are not among the references; empty where there are none
     * @param foils other styles' pictures; not empty
     */
    StyleFigures(
            EvaluationSettings settings,
            List<Features> own,
            List<Seen> references,
            List<Seen> heldOut,
            Map<String, List<Seen>> foils) {
        this.settings = settings;
        Map<String, List<Features>> all = new LinkedHashMap<>();
        all.put(OWN, own);
        foils.forEach((name, pictures) ->
                all.put(name, pictures.stream().map(Seen::features).toList()));
        moments = new StyleSpace(Statistics.MOMENTS, all);
        gram = new StyleSpace(Statistics.GRAM, all);
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        samples.put(OWN, samples(references));
        foils.forEach((name, pictures) -> samples.put(name, samples(pictures)));
        Map<String, List<double[]>> statistics = new LinkedHashMap<>();
        samples.forEach((name, pictures) ->
                statistics.put(name, pictures.stream().map(Sample::statistics).toList()));
        discriminant = new StyleDiscriminant(statistics);
        check = StyleCheck.of(samples, samples(heldOut));
    }

    private static List<Sample> samples(List<Seen> pictures) {
        return pictures.stream().map(Seen::sample).toList();
    }

    /** How real pictures are judged. */
    StyleCheck check() {
        return check;
    }

    List<Measure> measures(List<StrengthFeatures> arms) {
        int others = discriminant.names().size() - 1;
        return List.of(
                measure(
                        "style.share",
                        "nearest to its own style",
                        "share of pictures that are nearer to the run's style than to each of " + others
                                + " others, by a linear discriminant of the channels' means, deviations and"
                                + " correlations; of real pictures not used for it: " + known(check),
                        Better.HIGHER,
                        arms,
                        picture -> lead(picture) > 0 ? 1 : 0),
                measure(
                        "style.lead",
                        "nearer to its own style by",
                        "the discriminant's distance to the nearest other style less that to the run's own, in"
                                + " deviations within styles",
                        Better.HIGHER,
                        arms,
                        this::lead),
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

    /** What share of real pictures is judged rightly, in words. */
    static String known(StyleCheck check) {
        return check.known() + " of " + check.own().size() + " of the style itself, " + check.mistaken() + " of "
                + check.foreign() + " of other styles";
    }

    private double[] distances(Features picture) {
        return discriminant.distances(StyleStatistics.of(picture));
    }

    private double lead(Features picture) {
        return StyleDiscriminant.lead(distances(picture));
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

    /** Leads of each prompt's pictures at one strength. */
    double[] leads(StrengthFeatures arm) {
        return arm.perPrompt(this::lead);
    }

    List<StyleRow> rows(List<StrengthFeatures> arms) {
        List<StyleRow> rows = new ArrayList<>();
        for (int style = 0; style < discriminant.names().size(); style++) {
            int column = style;
            List<Interval> intervals = new ArrayList<>();
            for (StrengthFeatures arm : arms) {
                intervals.add(mean(arm.perPrompt(picture -> distances(picture)[column])));
            }
            rows.add(new StyleRow(discriminant.names().get(style), intervals, mean(check.toOwn(style))));
        }
        return rows;
    }

    private Interval mean(double[] distances) {
        return distances.length == 0
                ? new Interval(Double.NaN, Double.NaN, Double.NaN)
                : Bootstrap.of(distances.length, settings.draws(), settings.confidence(), settings.seed())
                        .mean(distances);
    }
}
