package atelier.trainer.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeldOutTest {
    private final Map<Path, String> digests = new HashMap<>();

    private List<Pair> pairs(int count) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path image = Path.of(i + ".png");
            pairs.add(Pair.of(image, "picture " + i, new Origin(Path.of("pairs.csv"), i + 2)));
            digests.put(image, "digest " + i);
        }
        return pairs;
    }

    @Test
    void theChoiceFollowsThePicturesAndNotTheirOrder() {
        List<Pair> pairs = pairs(50);
        List<Pair> turned = new ArrayList<>(pairs);
        Collections.reverse(turned);
        List<Pair> chosen = HeldOut.choose(pairs, digests, 10, 7);
        assertThat(chosen).hasSize(10).isSubsetOf(pairs);
        assertThat(new HashSet<>(HeldOut.choose(turned, digests, 10, 7))).isEqualTo(new HashSet<>(chosen));
        assertThat(HeldOut.choose(pairs, digests, 10, 8)).isNotEqualTo(chosen);
    }

    @Test
    void copiesOfAPictureStayOnOneSide() {
        List<Pair> pairs = pairs(20);
        digests.put(Path.of("3.png"), "digest 4");
        for (int count = 1; count < 19; count++) {
            List<Pair> chosen = HeldOut.choose(pairs, digests, count, 1);
            assertThat(chosen.contains(pairs.get(3))).isEqualTo(chosen.contains(pairs.get(4)));
        }
    }
}
