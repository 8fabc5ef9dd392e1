package atelier.evaluation.measure;

import atelier.evaluation.features.Features;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.Diversity;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Diversity among pictures that kept their prompt: those whose prompt ranks first among all captions. A picture that shows
 * nothing differs from every other one, so that all pictures' spread rises as motifs fall apart.
 */
final class KeptDiversity {
    /** The key of the spread within a prompt. */
    static final String SPREAD = "diversity.kept_spread";
    /** The fact that says why there is none. */
    static final String FACT = "diversity among pictures that kept their prompt";

    private static final String VENDI = "diversity.kept_vendi";
    /** With fewer prompts an interval over prompts says nothing. */
    private static final int LEAST_PROMPTS = 10;

    private final EvaluationSettings settings;
    /** By strength and prompt. */
    private final List<List<float[][]>> kept;

    KeptDiversity(EvaluationSettings settings, List<StrengthFeatures> arms, List<String> prompts, Retrieval retrieval) {
        this.settings = settings;
        kept = arms.stream()
                .map(arm -> {
                    List<float[][]> own = new ArrayList<>();
                    for (int i = 0; i < prompts.size(); i++) {
                        String prompt = prompts.get(i);
                        own.add(arm.features().get(i).stream()
                                .map(Features::embedding)
                                .filter(embedding -> retrieval.rank(embedding, prompt) == 1)
                                .toArray(float[][]::new));
                    }
                    return own;
                })
                .toList();
    }

    /** The figures that enough prompts have pictures for: equally many prompts at every strength, the same ones. */
    List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        int[] pairs = prompts(2);
        if (pairs.length >= LEAST_PROMPTS) {
            measures.add(Measure.ofUnits(
                    SPREAD,
                    "spread within a prompt, of pictures that kept it",
                    "mean 1 - cosine over pairs of a prompt's recognised pictures, over the " + pairs.length + " of "
                            + kept.get(0).size() + " prompts of which every strength has two (" + counts() + ")",
                    Better.HIGHER,
                    settings.strengths(),
                    kept.stream()
                            .map(arm -> Arrays.stream(pairs)
                                    .mapToDouble(prompt -> Diversity.spread(arm.get(prompt)))
                                    .toArray())
                            .toList(),
                    settings.resampling()));
        }
        int[] single = prompts(1);
        if (single.length >= LEAST_PROMPTS) {
            measures.add(Measure.ofSets(
                    VENDI,
                    "Vendi score of pictures that kept their prompt",
                    "effective number of different pictures among " + single.length
                            + ", the first recognised one of each prompt of which every strength has one",
                    Better.HIGHER,
                    settings.strengths(),
                    kept.stream().map(arm -> vendi(arm, single)).toList()));
        }
        return measures;
    }

    /** Why the spread is not among the measures. */
    String shortfall() {
        return String.format(
                Locale.ROOT,
                "%d of %d prompts have two recognised pictures at every strength, and %d are needed; pictures that kept"
                        + " their prompt: %s",
                prompts(2).length,
                kept.get(0).size(),
                LEAST_PROMPTS,
                counts());
    }

    private static Interval vendi(List<float[][]> arm, int[] prompts) {
        return ContentFigures.exactly(Diversity.vendi(
                Arrays.stream(prompts).mapToObj(prompt -> arm.get(prompt)[0]).toArray(float[][]::new)));
    }

    /** The prompts of which every strength kept so many pictures. */
    private int[] prompts(int least) {
        return IntStream.range(0, kept.get(0).size())
                .filter(prompt -> kept.stream().allMatch(arm -> arm.get(prompt).length >= least))
                .toArray();
    }

    private String counts() {
        List<String> counts = new ArrayList<>();
        for (int arm = 0; arm < kept.size(); arm++) {
            int pictures = kept.get(arm).stream().mapToInt(own -> own.length).sum();
            counts.add(pictures + " at strength " + settings.strengths().get(arm));
        }
        return counts.stream().collect(Collectors.joining(", "));
    }
}
