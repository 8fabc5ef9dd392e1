package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Cases;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    private static final Bucket WIDE = new Bucket(64, 32);
    private static final Bucket TALL = new Bucket(32, 64);

    private record Plan(List<Integer> repeats, int batchSize, long seed) {}

    private static Plan plan(Random random) {
        List<Integer> repeats =
                random.ints(1 + random.nextInt(30), 0, 4).boxed().toList();
        return new Plan(repeats, 1 + random.nextInt(5), random.nextLong());
    }

    @Test
    void anEpochShowsEveryPairAsOftenAsItRepeatsAndBatchesShareABucket() {
        Cases.check(1, 300, EpochOrderTest::plan, EpochOrderTest::requireWholeEpochs);
    }

    private static void requireWholeEpochs(Plan plan) {
        int batchSize = plan.batchSize();
        List<Bucket> buckets = IntStream.range(0, plan.repeats().size())
                .mapToObj(i -> i % 3 == 0 ? WIDE : TALL)
                .toList();
        int[] counts = plan.repeats().stream().mapToInt(i -> i).toArray();
        EpochOrder order = new EpochOrder(buckets, counts, batchSize, plan.seed());
        int[] shown = new int[counts.length];
        for (int epoch = 0; epoch < 2; epoch++) {
            for (int s = 0; s < order.stepsPerEpoch(); s++) {
                int[] batch = order.batch((long) epoch * order.stepsPerEpoch() + s);
                assertThat(batch.length).isBetween(1, batchSize);
                for (int entry : batch) {
                    assertThat(order.bucketOf(entry)).isEqualTo(order.bucketOf(batch[0]));
                    assertThat(order.bucketOf(entry)).isEqualTo(buckets.get(order.pairOf(entry)));
                    shown[order.pairOf(entry)]++;
                }
            }
        }
        assertThat(shown).isEqualTo(Arrays.stream(counts).map(c -> 2 * c).toArray());
    }

    @Test
    void theOrderDependsOnSeedAndEpochAlone() {
        List<Bucket> buckets = Collections.nCopies(50, WIDE);
        int[] once = new int[50];
        Arrays.fill(once, 1);
        EpochOrder a = new EpochOrder(buckets, once, 4, 7);
        EpochOrder b = new EpochOrder(buckets, once, 4, 7);
        EpochOrder other = new EpochOrder(buckets, once, 4, 8);
        b.batch(1000); // having been elsewhere changes nothing
        assertThat(a.batch(17)).isEqualTo(b.batch(17));
        assertThat(a.batch(17)).isNotEqualTo(a.batch(17 + a.stepsPerEpoch()));
        assertThat(a.batch(17)).isNotEqualTo(other.batch(17));
    }

    @Test
    void whoStandsInComesFromTheSameBucket() {
        EpochOrder order = new EpochOrder(List.of(WIDE, TALL, WIDE), new int[] {1, 1, 1}, 1, 0);
        assertThat(order.pairOf(order.after(0))).isEqualTo(2);
        assertThat(order.after(order.after(0))).isZero();
        assertThat(order.after(2)).isEqualTo(2);
    }

    @Test
    void drawsAreEven() {
        Draws draws = Draws.of(3);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) {
            counts[draws.nextInt(10)]++;
        }
        // A count's deviation is sqrt(100000 * 0.1 * 0.9) = 95.
        for (int count : counts) {
            assertThat(count).isBetween(9_600, 10_400);
        }
    }
}
