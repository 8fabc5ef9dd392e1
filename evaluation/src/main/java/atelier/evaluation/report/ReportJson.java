package atelier.evaluation.report;

import atelier.evaluation.audit.report.AuditJson;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.metric.StyleCheck;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.Rates;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** report.json: every figure with its interval and units, so that runs can be compared without being drawn again. */
public final class ReportJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ReportJson() {}

    public static ObjectNode of(EvaluationResult result) {
        ObjectNode node = NODES.objectNode();
        node.put("run", result.run().name());
        ObjectNode facts = node.putObject("facts");
        result.facts().forEach(facts::put);
        node.put("zero_equals_base", result.zeroEqualsBase());
        node.put("summary", Verdicts.summary(Verdicts.of(result)));
        ArrayNode verdicts = node.putArray("verdicts");
        for (Verdicts.Verdict verdict : Verdicts.of(result)) {
            verdicts.addObject()
                    .put("question", verdict.question())
                    .put("answer", verdict.answer())
                    .put("reason", verdict.reason())
                    .put("state", name(verdict.state()));
        }
        ArrayNode prompts = node.putArray("prompts");
        result.prompts().forEach(prompts::add);
        ObjectNode measures = node.putObject("measures");
        result.measures().forEach(measure -> measures.set(measure.key(), measure(measure)));
        ArrayNode styles = node.putArray("styles");
        for (EvaluationResult.StyleRow row : result.styles()) {
            ObjectNode own = styles.addObject().put("style", row.style());
            ArrayNode arms = own.putArray("discriminant_distances");
            row.arms().forEach(interval -> arms.add(interval(interval)));
            own.set("own_pictures_discriminant", interval(row.ceiling()));
        }
        if (result.styleCheck() != null) {
            node.set("style_check", check(result.styleCheck(), result.settings().confidence()));
        }
        ObjectNode skew = node.putObject("skew");
        skew.set("base", words(result.baseSkew()));
        skew.set("adapted", words(result.adaptedSkew()));
        if (result.audit() != null) {
            node.set("audit", AuditJson.of(result.audit()));
        }
        ObjectNode seconds = node.putObject("seconds");
        result.seconds().forEach((stage, time) -> seconds.put(stage, Math.round(10 * time) / 10.0));
        ArrayNode limits = node.putArray("limits");
        result.settings().limits().forEach(limits::add);
        ArrayNode broken = node.putArray("broken_limits");
        result.broken().forEach(broken::add);
        return node;
    }

    private static ObjectNode measure(Measure measure) {
        ObjectNode node = NODES.objectNode();
        node.put("title", measure.title());
        node.put("meaning", measure.meaning());
        node.put("better", name(measure.better()));
        ArrayNode arms = node.putArray("strengths");
        for (Measure.Arm arm : measure.arms()) {
            ObjectNode own = interval(arm.interval());
            own.put("strength", arm.strength());
            if (!arm.units().isEmpty()) {
                ArrayNode units = own.putArray("units");
                arm.units().forEach(units::add);
            }
            arms.add(own);
        }
        if (measure.change() != null) {
            node.set("change", interval(measure.change()));
        }
        if (measure.p() != null) {
            node.put("p", measure.p());
        }
        return node;
    }

    /** What share of real pictures is nearest to the run's style: of the style's own, and of other styles'. */
    private static ObjectNode check(StyleCheck check, double confidence) {
        ObjectNode node = NODES.objectNode();
        share(node, "own", check.known(), check.own().size(), confidence);
        share(node, "other_styles", check.mistaken(), check.foreign(), confidence);
        return node;
    }

    private static void share(ObjectNode node, String name, long hits, int of, double confidence) {
        if (of > 0) {
            ObjectNode own = interval(Rates.wilson(hits, of, confidence));
            node.set(name, own.put("nearest_to_own_style", hits).put("pictures", of));
        }
    }

    private static ArrayNode words(List<Skew.Word> words) {
        ArrayNode node = NODES.arrayNode();
        for (Skew.Word word : words) {
            ObjectNode own = interval(word.drawn());
            node.add(own.put("word", word.word()).put("captions", word.captions()));
        }
        return node;
    }

    private static ObjectNode interval(Interval interval) {
        return NODES.objectNode()
                .put("value", interval.value())
                .put("low", interval.low())
                .put("high", interval.high());
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
