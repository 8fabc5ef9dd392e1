package atelier.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.evaluation.features.Features;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.sampling.Drawings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompt i's reference is the i-th unit vector; a picture that kept it has a little of the last axis beside it. */
class KeptDiversityTest {
    private static final int PROMPTS = 12;
    private static final int WIDTH = PROMPTS + 2;
    private static final EvaluationSettings SETTINGS = EvaluationSettingsTest.settings(4, 0);

    private final List<String> prompts = new ArrayList<>();
    private final Retrieval retrieval = new Retrieval();

    KeptDiversityTest() {
        for (int i = 0; i < PROMPTS; i++) {
            prompts.add("prompt " + i);
            retrieval.add(prompts.get(i), axis(i, 0));
        }
    }

    private static float[] axis(int axis, double aside) {
        float[] vector = new float[WIDTH];
        vector[axis] = 1;
        vector[WIDTH - 1] = (float) aside;
        return vector;
    }

    /** Two pictures that kept the prompt and two that show others, where so asked. */
    private static StrengthFeatures arm(int whole, double aside) {
        List<List<Features>> features = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            int other = (i + 1) % PROMPTS;
            features.add(pictures(
                    axis(i, 0),
                    i < whole ? axis(i, aside) : axis((i + 3) % PROMPTS, 0),
                    i < whole ? axis(i, 0) : axis(other, 0),
                    i < whole ? axis(i, aside) : axis((i + 2) % PROMPTS, 0)));
        }
        Drawings none = new Drawings(0, List.of(), List.of(), List.of());
        return new StrengthFeatures(new Strength(none, none, new double[0], List.of()), features, List.of());
    }

    private static List<Features> pictures(float[]... embeddings) {
        return Arrays.stream(embeddings)
                .map(embedding -> new Features(embedding, List.of()))
                .toList();
    }

    @Test
    void picturesThatFallApartDoNotCountAsDiversity() {
        // The adapter keeps eleven prompts' pictures, which are all alike, and loses the twelfth's.
        List<Measure> measures =
                new KeptDiversity(SETTINGS, List.of(arm(PROMPTS, 0.5), arm(11, 0)), prompts, retrieval).measures();
        assertThat(measures).extracting(Measure::key).containsExactly("diversity.kept_spread", "diversity.kept_vendi");
        Measure spread = measures.get(0);
        // Four of six pairs are of different pictures, at 1 - 1 / sqrt(1.25).
        assertThat(spread.base().interval().value()).isCloseTo(4 * (1 - 1 / Math.sqrt(1.25)) / 6, within(1e-6));
        assertThat(spread.adapted().interval().value()).isCloseTo(0, within(1e-6));
        assertThat(spread.adapted().units()).hasSize(11);
        assertThat(spread.worsened()).isTrue();
        assertThat(spread.meaning()).contains("11 of 12 prompts", "48 at strength 0.0", "45 at strength 1.0");
        // All of the first pictures are kept: twelve different ones at either strength.
        assertThat(measures.get(1).adapted().interval().value()).isCloseTo(12, within(1e-6));
    }

    @Test
    void tooFewKeptPicturesAreNotJudged() {
        KeptDiversity kept = new KeptDiversity(SETTINGS, List.of(arm(PROMPTS, 0.5), arm(3, 0.5)), prompts, retrieval);
        assertThat(kept.measures()).extracting(Measure::key).containsExactly("diversity.kept_vendi");
        assertThat(kept.shortfall())
                .startsWith("3 of 12 prompts have two recognised pictures at every strength, and 10 are needed")
                .endsWith("48 at strength 0.0, 21 at strength 1.0");
    }
}
