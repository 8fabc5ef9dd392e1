package atelier.evaluation.measure;

import atelier.common.image.Pixels;
import atelier.evaluation.features.FeatureNetwork;
import atelier.evaluation.features.Features;
import atelier.evaluation.features.SentenceEncoder;
import atelier.evaluation.measure.EvaluationResult.Example;
import atelier.evaluation.measure.EvaluationResult.StyleRow;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.measure.StyleFigures.Seen;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.metric.StyleCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All figures over what every strength drew. */
final class RunMeasures {
    private static final int SHIFTED_WORDS = 12;
    /** Training pictures from which on they stand for the style; with fewer, held-out ones do if there are any. */
    private static final int STYLE_REFERENCES = 20;

    private final EvaluationSettings settings;
    private final FeatureNetwork network;
    private final SentenceEncoder sentences;
    private final ExternalNetworkFigures given;

    /** @param given figures by networks of the user's own */
    RunMeasures(
            EvaluationSettings settings,
            FeatureNetwork network,
            SentenceEncoder sentences,
            ExternalNetworkFigures given) {
        this.settings = settings;
        this.network = network;
        this.sentences = sentences;
        this.given = given;
    }

    /** What was found. */
    record Measured(
            List<Measure> measures,
            List<StyleRow> styles,
            @Nullable StyleCheck check,
            List<Skew.Word> baseSkew,
            List<Skew.Word> adaptedSkew,
            List<Example> examples) {}

    /**
     * Measures.
     *
     * @param arms from strength 0 to full strength
     */
    Measured measure(List<Strength> arms, List<String> prompts, References references) throws IOException {
        List<StrengthFeatures> seen =
                arms.stream().map(arm -> StrengthFeatures.of(arm, network)).toList();
        List<Features> own = features(references.own());
        Map<String, List<Features>> foils = new LinkedHashMap<>();
        references.foils().forEach((name, pictures) -> foils.put(name, features(pictures)));
        Retrieval retrieval = new Retrieval();
        add(retrieval, references.own(), own);
        references
                .foils()
                .forEach((name, pictures) -> addKnown(retrieval, pictures, foils.getOrDefault(name, List.of())));
        List<Reference> used = spread(references.training(), settings.references());
        List<Features> trained = features(used);
        float[][] training = trained.stream().map(Features::embedding).toArray(float[][]::new);

        List<Measure> measures = new ArrayList<>();
        List<StyleRow> styles = List.of();
        StyleCheck check = null;
        StrengthFeatures full = seen.get(seen.size() - 1);
        double[] margins = new double[prompts.size()];
        Arrays.fill(margins, Double.NaN);
        if (!foils.isEmpty()) {
            StyleFigures style = style(own, foils, used, trained, references);
            measures.addAll(style.measures(seen));
            styles = style.rows(seen);
            margins = style.leads(full);
            check = style.check();
        }
        measures.addAll(new ContentFigures(settings, seen).measures(prompts, retrieval, training));
        measures.addAll(diversity(seen, prompts, retrieval));
        measures.add(new CaptionFigures(settings, sentences).measure(seen, prompts, retrieval));
        measures.addAll(given.measures(arms, prompts, references.own(), used));
        Skew skew = new Skew(used.stream().map(Reference::caption).toList(), List.of(training), settings.confidence());
        return new Measured(
                measures,
                styles,
                check,
                skew.count(seen.get(0).neutralEmbeddings(), settings.attributes(), SHIFTED_WORDS),
                skew.count(full.neutralEmbeddings(), settings.attributes(), SHIFTED_WORDS),
                examples(
                        arms,
                        prompts,
                        references,
                        ContentFigures.ranks(full, prompts, retrieval, Integer::doubleValue),
                        margins));
    }

    private List<Measure> diversity(List<StrengthFeatures> seen, List<String> prompts, Retrieval retrieval) {
        KeptDiversity kept = new KeptDiversity(settings, seen, prompts, retrieval);
        List<Measure> measures = kept.measures();
        boolean several = seen.get(0).features().get(0).size() >= 2;
        if (several && measures.stream().noneMatch(measure -> measure.key().equals(KeptDiversity.SPREAD))) {
            given.note(KeptDiversity.FACT, "not judged: " + kept.shortfall());
        }
        return measures;
    }

    /** The style's references are training pictures, so that held-out ones can check them, unless there are too few. */
    private StyleFigures style(
            List<Features> own,
            Map<String, List<Features>> foils,
            List<Reference> used,
            List<Features> trained,
            References references) {
        Map<String, List<Seen>> others = new LinkedHashMap<>();
        references
                .foils()
                .forEach((name, pictures) -> others.put(name, seen(pictures, foils.getOrDefault(name, List.of()))));
        boolean enough = used.size() >= STYLE_REFERENCES;
        List<Seen> heldOut = references.heldOut().size() >= 2 ? seen(references.heldOut(), own) : List.of();
        return new StyleFigures(
                settings,
                own,
                enough ? seen(used, trained) : seen(references.own(), own),
                enough ? heldOut : List.of(),
                others);
    }

    private static List<Seen> seen(List<Reference> references, List<Features> features) {
        List<Seen> seen = new ArrayList<>();
        for (int i = 0; i < references.size(); i++) {
            seen.add(new Seen(references.get(i).caption(), features.get(i)));
        }
        return seen;
    }

    private List<Features> features(List<Reference> references) {
        return network.features(references.stream().map(Reference::pixels).toList());
    }

    private static void add(Retrieval retrieval, List<Reference> references, List<Features> features) {
        for (int i = 0; i < references.size(); i++) {
            retrieval.add(references.get(i).caption(), features.get(i).embedding());
        }
    }

    /** Other hands' drawings of the same captions; captions of theirs alone would be rivals without cause. */
    private static void addKnown(Retrieval retrieval, List<Reference> references, List<Features> features) {
        for (int i = 0; i < references.size(); i++) {
            if (retrieval.knows(references.get(i).caption())) {
                retrieval.add(references.get(i).caption(), features.get(i).embedding());
            }
        }
    }

    private static List<Reference> spread(List<Reference> all, int most) {
        if (most == 0 || all.size() <= most) {
            return all;
        }
        List<Reference> spread = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            spread.add(all.get((int) ((long) i * all.size() / most)));
        }
        return spread;
    }

    private static List<Example> examples(
            List<Strength> arms, List<String> prompts, References references, double[] ranks, double[] margins) {
        Map<String, Pixels> own = new LinkedHashMap<>();
        references.own().forEach(reference -> own.putIfAbsent(reference.caption(), reference.pixels()));
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int prompt = i;
            List<Pixels> pictures = arms.stream()
                    .map(arm -> arm.drawings().pictures().get(prompt).get(0))
                    .toList();
            examples.add(new Example(prompts.get(i), own.get(prompts.get(i)), pictures, ranks[i], margins[i]));
        }
        return examples;
    }
}
