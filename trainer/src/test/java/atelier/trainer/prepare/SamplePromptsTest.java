package atelier.trainer.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.batch.Alternatives;
import atelier.datasets.batch.CaptionSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Row 7: samples are drawn of the user's own captions. */
class SamplePromptsTest {
    private static final CaptionSettings PLAIN =
            new CaptionSettings("", "", "", Alternatives.FIRST, false, 0, ",", 0, 0);

    private static List<Pair> pairs(String... captions) {
        List<Pair> pairs = new ArrayList<>();
        for (String caption : captions) {
            int line = pairs.size() + 2;
            pairs.add(Pair.of(Path.of(line + ".png"), caption, new Origin(Path.of("pairs.csv"), line)));
        }
        return pairs;
    }

    private static SamplePrompts choose(List<Pair> training, List<Pair> heldOut, long seed) {
        Ledger ledger = new Ledger(List.of(), training, List.of());
        return SamplePrompts.choose(new JudgedPairs(ledger, training, heldOut, Map.of()), PLAIN, seed);
    }

    @Test
    void twoAreTrainedOnAndTwoAreHeldOut() {
        List<Pair> training = pairs("pier", "crane", "ferry", "gulls", "pier");
        SamplePrompts chosen = choose(training, pairs("fog", "rope", "pier", "net"), 0);
        assertThat(chosen.trained()).hasSize(2).isSubsetOf("pier", "crane", "ferry", "gulls");
        // A caption that is trained on as well says nothing of new ones.
        assertThat(chosen.unseen()).hasSize(2).isSubsetOf("fog", "rope", "net");
        assertThat(chosen.all())
                .containsExactly(
                        chosen.trained().get(0),
                        chosen.unseen().get(0),
                        chosen.trained().get(1),
                        chosen.unseen().get(1));
        assertThat(chosen.told()).contains("held out: " + String.join(" | ", chosen.unseen()));
    }

    @Test
    void whereNoneIsHeldOutTwoCaptionsAreJoined() {
        List<Pair> training = pairs("pier", "crane", "ferry", "gulls");
        SamplePrompts chosen = choose(training, List.of(), 0);
        assertThat(chosen.unseen()).isNotEmpty().allMatch(each -> each.matches("\\w+, \\w+"));
        assertThat(chosen.unseen()).doesNotContain("pier", "crane", "ferry", "gulls");
        assertThat(chosen.told()).contains("two captions joined");
    }

    @Test
    void theSeedDecidesAndTheOrderDoesNot() {
        List<Pair> training = pairs("pier", "crane", "ferry", "gulls", "fog", "rope", "net", "quay");
        List<Pair> turned = new ArrayList<>(training);
        Collections.reverse(turned);
        assertThat(choose(turned, List.of(), 3)).isEqualTo(choose(training, List.of(), 3));
        assertThat(choose(training, List.of(), 4)).isNotEqualTo(choose(training, List.of(), 3));
    }

    @Test
    void bracketsOfACaptionAreWordsAndNotWeights() {
        SamplePrompts chosen = choose(pairs("miku (vocaloid)"), List.of(), 0);
        assertThat(chosen.all()).containsExactly("miku \\(vocaloid\\)");
        assertThat(choose(pairs("", " "), List.of(), 0).all()).isEmpty();
        assertThat(choose(pairs("", " "), List.of(), 0).told()).contains("no picture has a caption");
    }
}
