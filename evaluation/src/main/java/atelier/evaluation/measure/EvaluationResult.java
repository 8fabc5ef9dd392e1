package atelier.evaluation.measure;

import atelier.common.image.Pixels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.metric.StyleCheck;
import atelier.evaluation.statistics.Interval;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that an evaluation found: report.json, the report and the model card are written from it.
 *
 * @param run that was judged
 * @param settings as they were
 * @param facts digests, counts and sources, in order
 * @param zeroEqualsBase whether the adapter at strength 0 drew the base's pictures bit for bit
 * @param prompts that were drawn, in the order of measures' units
 * @param measures in the order in which they are shown
 * @param styles distances to each style, the run's own first; empty where there are no other styles
 * @param styleCheck how real pictures are judged by the same measure of style; null where there are no other styles
 * @param baseSkew words over neutral prompts with the base
 * @param adaptedSkew the same with the adapter at full strength
 * @param examples pictures of every prompt
 * @param audit what comes back; null where it was not asked for
 * @param seconds that each stage took
 * @param broken limits that do not hold, in sentences
 */
public record EvaluationResult(
        EvaluatedRun run,
        EvaluationSettings settings,
        Map<String, String> facts,
        boolean zeroEqualsBase,
        List<String> prompts,
        List<Measure> measures,
        List<StyleRow> styles,
        @Nullable StyleCheck styleCheck,
        List<Skew.Word> baseSkew,
        List<Skew.Word> adaptedSkew,
        List<Example> examples,
        @Nullable AuditResult audit,
        Map<String, Double> seconds,
        List<String> broken) {
    static final String HELD_OUT = "held-out pictures";

    /**
     * Distances of generations to one style.
     *
     * @param style its name
     * @param arms the mean distance at each strength
     * @param ceiling the distance of the style's own pictures to the rest of them
     */
    public record StyleRow(String style, List<Interval> arms, Interval ceiling) {}

    /**
     * One prompt's first seed at every strength.
     *
     * @param prompt the words
     * @param reference the style's own picture of them; null where there is none
     * @param pictures one a strength
     * @param rank of the caption at full strength, the mean over seeds; NaN where there is no reference
     * @param margin by which the pictures at full strength are nearer to the style than to the next one; NaN without foils
     */
    public record Example(
            String prompt, @Nullable Pixels reference, List<Pixels> pictures, double rank, double margin) {}

    /** Whether the style's own pictures were held out; otherwise they are those that were trained on. */
    public boolean isHeldOut() {
        return Integer.parseInt(facts.getOrDefault(HELD_OUT, "0")) >= References.FEWEST;
    }

    /** The measure of that key. */
    public Optional<Measure> measure(String key) {
        return measures.stream().filter(measure -> measure.key().equals(key)).findFirst();
    }
}
