package atelier.evaluation.measure;

import atelier.evaluation.features.SentenceEncoder;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.statistics.Quantiles;
import atelier.evaluation.statistics.Vectors;
import java.util.List;
import java.util.Locale;

/** Texts beside texts: what pictures show in words, and how new the prompts are. */
final class CaptionFigures {
    private final EvaluationSettings settings;
    private final SentenceEncoder encoder;

    CaptionFigures(EvaluationSettings settings, SentenceEncoder encoder) {
        this.settings = settings;
        this.encoder = encoder;
    }

    /** A picture is taken to show what its most similar reference's caption says; that is compared with the prompt. */
    Measure measure(List<StrengthFeatures> arms, List<String> prompts, Retrieval retrieval) {
        List<double[]> values = arms.stream()
                .map(arm -> {
                    double[] means = new double[prompts.size()];
                    for (int i = 0; i < means.length; i++) {
                        String prompt = prompts.get(i);
                        means[i] = arm.features().get(i).stream()
                                .mapToDouble(picture -> likeness(prompt, retrieval.nearest(picture.embedding())))
                                .average()
                                .orElseThrow();
                    }
                    return means;
                })
                .toList();
        return Measure.ofUnits(
                "adherence.meaning",
                "what it shows, in words",
                String.format(
                        Locale.ROOT,
                        "cosine by %s of the prompt and the caption of the most similar reference picture; two prompts: %.2f",
                        SentenceEncoder.NAME,
                        between(prompts)),
                Better.HIGHER,
                settings.strengths(),
                values,
                settings.resampling());
    }

    /** How near the prompts come to captions that were trained on: a held-out caption may still say the same. */
    String novelty(List<String> prompts, List<String> training) {
        double[] nearest = new double[prompts.size()];
        String worst = "";
        double most = -1;
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = -1;
            for (String caption : training) {
                double likeness = likeness(prompts.get(i), caption);
                nearest[i] = Math.max(nearest[i], likeness);
                if (likeness > most) {
                    most = likeness;
                    worst = "'" + prompts.get(i) + "' to '" + caption + "'";
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "median cosine %.2f by %s, at most %.2f (%s)",
                Quantiles.median(nearest),
                SentenceEncoder.NAME,
                most,
                worst);
    }

    /** The mean over pairs of different prompts: what a picture of anything else would get. */
    private double between(List<String> prompts) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < prompts.size(); i++) {
            for (int j = 0; j < i; j++) {
                sum += likeness(prompts.get(i), prompts.get(j));
                pairs++;
            }
        }
        return pairs == 0 ? Double.NaN : sum / pairs;
    }

    private double likeness(String a, String b) {
        return Vectors.cosine(encoder.embed(a), encoder.embed(b));
    }
}
