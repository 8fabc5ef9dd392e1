package atelier.datasets.consent.list;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.hash.Pdq;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PdqIndexTest {
    private static final int DEFAULT = 20;

    private static Pdq random(Random random) {
        return new Pdq(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), 100);
    }

    private static Pdq flipped(Pdq pdq, int bits, Random random) {
        TreeSet<Integer> chosen = new TreeSet<>();
        while (chosen.size() < bits) {
            chosen.add(random.nextInt(Pdq.BITS));
        }
        long[] words = pdq.words();
        chosen.forEach(bit -> words[bit / 64] ^= 1L << (bit % 64));
        return Pdq.of(words, 100);
    }

    @Test
    void everyDigestWithinTheDistanceIsFoundAndNoOther() {
        Random random = new Random(3);
        List<List<Pdq>> owners = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            owners.add(i % 7 == 0 ? List.of() : List.of(random(random), random(random)));
        }
        PdqIndex index = new PdqIndex(owners);
        PdqEntries block = new PdqEntries();
        List<TreeSet<Integer>> wanted = new ArrayList<>();
        while (!block.full() && block.size() < 4000) {
            int owner = 1 + random.nextInt(owners.size() - 1);
            if (!owners.get(owner).isEmpty()) {
                int bits = random.nextInt(40);
                int limit = random.nextInt(Pdq.MATCH + 2) - 1;
                Pdq query = flipped(owners.get(owner).get(block.size() % 2), bits, random);
                block.add(query, limit, 0, 1);
                // Digests of different owners lie about 128 bits apart.
                wanted.add(bits <= (limit < 0 ? DEFAULT : limit) ? new TreeSet<>(List.of(owner)) : new TreeSet<>());
            }
        }
        List<TreeSet<Integer>> found =
                wanted.stream().map(w -> new TreeSet<Integer>()).toList();
        index.find(block, DEFAULT, (entry, owner, distance) -> found.get(entry).add(owner));
        assertThat(found).isEqualTo(wanted);
        assertThat(wanted).filteredOn(w -> !w.isEmpty()).hasSizeGreaterThan(1000);
    }

    @Test
    void theWorstSpreadOfThirtyOneBitsIsFound() {
        Random random = new Random(5);
        Pdq digest = random(random);
        PdqIndex index = new PdqIndex(List.of(List.of(digest)));
        for (int free = 0; free < 16; free++) {
            long[] words = digest.words();
            for (int slot = 0; slot < 16; slot++) {
                long bits = slot == free ? 1L : 3L;
                words[slot / 4] ^= bits << (48 - 16 * (slot & 3));
            }
            List<Integer> distances = new ArrayList<>();
            PdqEntries block = new PdqEntries();
            block.add(Pdq.of(words, 100), 31, 0, 1);
            index.find(block, DEFAULT, (entry, owner, distance) -> distances.add(distance));
            assertThat(distances).contains(31);
        }
    }
}
