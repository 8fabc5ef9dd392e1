package atelier.evaluation.measure;

import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.Diversity;
import atelier.evaluation.metric.KernelDistance;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.sampling.Denoising;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What the style cost: adherence to prompts, diversity, likeness to the data, and drift where nothing was asked. */
final class ContentFigures {
    private static final int KID_SUBSET = 100;
    private static final int KID_SUBSETS = 50;
    private static final int COVERAGE_NEIGHBOURS = 5;
    /** Below this coverage says nothing. */
    private static final int COVERAGE_LEAST = 200;

    private final EvaluationSettings settings;
    private final List<StrengthFeatures> arms;
    private final List<Measure> measures = new ArrayList<>();

    ContentFigures(EvaluationSettings settings, List<StrengthFeatures> arms) {
        this.settings = settings;
        this.arms = arms;
    }

    /**
     * All figures.
     *
     * @param retrieval knows a reference of every prompt
     * @param training embeddings of the training pictures
     */
    List<Measure> measures(List<String> prompts, Retrieval retrieval, float[][] training) {
        adherence(prompts, retrieval);
        units(
                "content.kept",
                "likeness to the base's picture",
                "cosine of the picture's features and those of the base's picture from the same noise",
                Better.NEITHER,
                this::kept);
        if (settings.seedsOf(prompts.size()) >= 2) {
            // Neither way is better: pictures that fall apart differ most.
            units(
                    "diversity.spread",
                    "spread within a prompt, of all pictures",
                    "mean 1 - cosine over pairs of a prompt's pictures, whatever they show",
                    Better.NEITHER,
                    arm -> arm.features().stream()
                            .mapToDouble(own -> Diversity.spread(
                                    own.stream().map(f -> f.embedding()).toArray(float[][]::new)))
                            .toArray());
        }
        sets(
                "diversity.vendi",
                "Vendi score of all pictures",
                "effective number of different pictures among " + arms.get(0).firstEmbeddings().length
                        + ", one a prompt, whatever they show",
                Better.NEITHER,
                arm -> exactly(Diversity.vendi(arm.firstEmbeddings())));
        if (training.length >= 2) {
            distances(training);
        }
        if (arms.get(0).arm().losses().length > 0) {
            units(
                    "loss.held_out",
                    "held-out denoising loss",
                    "mean squared error on held-out pictures with fixed noise at " + settings.lossLevels()
                            + " noise levels",
                    Better.LOWER,
                    arm -> arm.arm().losses());
        }
        drift();
        return measures;
    }

    private void adherence(List<String> prompts, Retrieval retrieval) {
        String among = retrieval.captions() + " captions' reference pictures";
        units(
                "adherence.first",
                "prompt recognised",
                "share of pictures whose prompt ranks first among " + among + "; chance "
                        + String.format(Locale.ROOT, "%.1f %%", 100.0 / retrieval.captions()),
                Better.HIGHER,
                arm -> ranks(arm, prompts, retrieval, rank -> rank == 1 ? 1.0 : 0.0));
        units(
                "adherence.reciprocal_rank",
                "mean reciprocal rank",
                "1 / rank of the prompt among " + among,
                Better.HIGHER,
                arm -> ranks(arm, prompts, retrieval, rank -> 1.0 / rank));
    }

    /** The mean of a function of the prompt's rank over each prompt's pictures. */
    static double[] ranks(
            StrengthFeatures arm, List<String> prompts, Retrieval retrieval, Function<Integer, Double> of) {
        double[] values = new double[prompts.size()];
        for (int i = 0; i < values.length; i++) {
            String prompt = prompts.get(i);
            values[i] = arm.features().get(i).stream()
                    .mapToDouble(picture -> of.apply(retrieval.rank(picture.embedding(), prompt)))
                    .average()
                    .orElseThrow();
        }
        return values;
    }

    private double[] kept(StrengthFeatures arm) {
        double[] values = new double[arm.features().size()];
        for (int i = 0; i < values.length; i++) {
            int pictures = arm.features().get(i).size();
            for (int j = 0; j < pictures; j++) {
                values[i] += Vectors.cosine(
                                arm.features().get(i).get(j).embedding(),
                                arms.get(0).features().get(i).get(j).embedding())
                        / pictures;
            }
        }
        return values;
    }

    private void distances(float[][] training) {
        sets(
                "kid",
                "KID to the training pictures",
                kidMeaning("EfficientNet-Lite0's features, not Inception's,"),
                Better.LOWER,
                arm -> kid(arm.embeddings(), training, settings.seed()));
        if (training.length >= COVERAGE_LEAST && arms.get(0).embeddings().length >= COVERAGE_LEAST) {
            sets(
                    "coverage",
                    "coverage of the training pictures",
                    "share of training pictures that have a generation within the distance of their "
                            + COVERAGE_NEIGHBOURS + "th neighbour",
                    Better.HIGHER,
                    arm -> exactly(Diversity.coverage(training, arm.embeddings(), COVERAGE_NEIGHBOURS)));
        }
    }

    static Interval kid(float[][] drawn, float[][] training, long seed) {
        return KernelDistance.subsets(drawn, training, KernelDistance.POLYNOMIAL, KID_SUBSET, KID_SUBSETS, seed);
    }

    static String kidMeaning(String features) {
        return "kernel distance of " + features + " over " + KID_SUBSETS + " subsets of up to " + KID_SUBSET
                + "; the interval is that of the subsets";
    }

    private void drift() {
        List<float[]> base = arms.get(0).arm().predictions();
        units(
                "drift.prediction",
                "drift of predictions",
                "|adapted - base|^2 / |base|^2 of the network's output on neutral prompts, without trigger",
                Better.LOWER,
                arm -> Denoising.relativeChange(base, arm.arm().predictions()));
        units(
                "drift.picture",
                "drift of pictures",
                "1 - cosine of neutral prompts' pictures and the base's from the same noise, without trigger",
                Better.LOWER,
                arm -> {
                    double[] values = new double[arm.neutral().size()];
                    Arrays.setAll(values, i -> {
                        List<float[]> own = arm.neutral().get(i);
                        double sum = 0;
                        for (int j = 0; j < own.size(); j++) {
                            sum += 1
                                    - Vectors.cosine(
                                            own.get(j),
                                            arms.get(0).neutral().get(i).get(j));
                        }
                        return sum / own.size();
                    });
                    return values;
                });
    }

    private void units(
            String key, String title, String meaning, Better better, Function<StrengthFeatures, double[]> figure) {
        measures.add(Measure.ofUnits(
                key,
                title,
                meaning,
                better,
                settings.strengths(),
                arms.stream().map(figure).toList(),
                settings.resampling()));
    }

    private void sets(
            String key, String title, String meaning, Better better, Function<StrengthFeatures, Interval> figure) {
        measures.add(Measure.ofSets(
                key,
                title,
                meaning,
                better,
                settings.strengths(),
                arms.stream().map(figure).toList()));
    }

    static Interval exactly(double value) {
        return new Interval(value, value, value);
    }
}
