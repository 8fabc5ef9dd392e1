package atelier.datasets.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {
    private static Pdq random(Random random) {
        return new Pdq(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
    }

    /** The digest with so many different bits turned over. */
    private static Pdq turned(Pdq pdq, int bits, Random random) {
        long[] words = pdq.words();
        for (int turned = 0; turned < bits; ) {
            int bit = random.nextInt(256);
            long mask = 1L << bit % 64;
            if (((words[bit / 64] ^ pdq.words()[bit / 64]) & mask) == 0) {
                words[bit / 64] ^= mask;
                turned++;
            }
        }
        return Pdq.of(words, 100);
    }

    @Test
    void everyPairWithinTheDistanceIsFoundAndNoOther() {
        Random random = new Random(4);
        List<Pdq> digests = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            Pdq pdq = random(random);
            digests.add(pdq);
            digests.add(turned(pdq, i % 64, random));
        }
        List<List<Integer>> groups = NearDuplicates.groups(digests, 31);
        List<List<Integer>> expected = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            if (i % 64 <= 31) {
                expected.add(List.of(2 * i, 2 * i + 1));
            }
        }
        assertThat(groups).isEqualTo(expected);
    }

    @Test
    void likenessIsPassedOnAndFlatPicturesAreLeftOut() {
        Random random = new Random(5);
        Pdq first = random(random);
        Pdq second = turned(first, 25, random);
        Pdq third = turned(second, 25, random);
        Pdq flat = Pdq.of(first.words(), 10);
        assertThat(NearDuplicates.groups(List.of(first, random(random), flat, third, second), 31))
                .containsExactly(List.of(0, 3, 4));
    }
}
