package atelier.evaluation.audit.report;

import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.AuditSettings;
import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.Similarity;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.Threshold;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** An audit's result for machines. Numbers that do not exist, such as a threshold without evidence, are null. */
public final class AuditJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private AuditJson() {}

    /** The part {@code audit} of report.json. */
    public static ObjectNode of(AuditResult result) {
        ObjectNode node = NODES.objectNode();
        node.put("passed", result.passed());
        node.put("summary", result.summary());
        node.set("settings", settings(result.settings()));
        node.set("thresholds", thresholds(result));
        number(node, "clique_edge", result.edge());
        ObjectNode background = node.putObject("background_similarity");
        number(background, "median", result.background(0.5));
        number(background, "quantile_95", result.background(0.95));
        number(background, "greatest", result.background(1));
        if (result.sscd() != null) {
            ObjectNode sscd = node.putObject("sscd_over_half");
            sscd.set("adapted", share(result.sscd().adapted()));
            sscd.set("base", share(result.sscd().base()));
        }
        ObjectNode shares = node.putObject("shares");
        for (SplitRole role : SplitRole.values()) {
            ObjectNode own = shares.putObject(key(role));
            own.set("memorised", share(result.memorised(role)));
            for (Detector detector : Detector.values()) {
                own.set(detector.key(), share(result.flagged(role, detector)));
            }
        }
        ArrayNode images = node.putArray("images");
        for (SplitRole role : SplitRole.values()) {
            result.of(role).forEach(verdict -> images.add(verdict(verdict)));
        }
        return node;
    }

    private static String key(SplitRole role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode settings(AuditSettings settings) {
        ObjectNode node = NODES.objectNode();
        node.put("screening_seeds", settings.screeningSeeds());
        node.put("seeds", settings.seeds());
        node.put("candidates", settings.candidates());
        node.put("steps", settings.steps());
        node.put("sampler", settings.sampler().key());
        node.put("guidance_scale", settings.guidanceScale());
        node.put("extrapolation", settings.extrapolation());
        node.put("clique", settings.clique());
        node.put("agreement", settings.agreement());
        node.put("level", settings.level());
        node.put("seed", settings.seed());
        return node;
    }

    private static ObjectNode thresholds(AuditResult result) {
        ObjectNode node = NODES.objectNode();
        for (Detector detector : Detector.values()) {
            Threshold threshold = result.thresholds().get(detector);
            if (threshold != null) {
                ObjectNode own = node.putObject(detector.key());
                number(own, "score", threshold.value());
                number(own, "mean", threshold.mean());
                own.put("from", threshold.count());
            }
        }
        return node;
    }

    private static ObjectNode share(Share share) {
        ObjectNode node = NODES.objectNode();
        node.put("count", share.count());
        node.put("of", share.of());
        number(node, "low", share.interval().low());
        number(node, "high", share.interval().high());
        return node;
    }

    private static ObjectNode verdict(ImageVerdict verdict) {
        Measured evidence = verdict.evidence();
        ObjectNode node = NODES.objectNode();
        node.put("image", verdict.subject().name());
        node.put("sha256", verdict.subject().sha256());
        node.put("role", key(verdict.subject().role()));
        node.put("creator", verdict.subject().creator());
        node.put("prompt", verdict.prompt());
        node.put("memorised", verdict.memorised());
        number(node, "suspicion", verdict.suspicion());
        ArrayNode flagged = node.putArray("flagged");
        ObjectNode scores = node.putObject("scores");
        for (Detector detector : Detector.values()) {
            if (verdict.flagged().contains(detector)) {
                flagged.add(detector.key());
            }
            number(scores, detector.key(), verdict.scores().getOrDefault(detector, Double.NaN));
        }
        likeness(node.putObject("adapted"), evidence.adapted());
        likeness(node.putObject("base"), evidence.base());
        number(node, "extrapolated_distance", evidence.worstDistance());
        number(node, "magnitude", evidence.magnitude());
        number(node, "base_magnitude", evidence.baseMagnitude());
        node.put("clique", verdict.clique());
        number(node, "clique_distance", verdict.cliqueDistance());
        return node;
    }

    private static void likeness(ObjectNode node, Similarity likeness) {
        number(node, "distance", likeness.distance());
        number(node, "similarity", likeness.similarity());
        node.put("pdq_bits", likeness.bits());
        node.put("nearest_is_this", likeness.first());
    }

    private static void number(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }
}
