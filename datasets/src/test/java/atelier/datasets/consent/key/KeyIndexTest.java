package atelier.datasets.consent.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyIndexTest {
    @ParameterizedTest
    @CsvSource({"0,1,1", "1,1,2", "5000,5000,3", "5000,40,4", "3000,2,5"})
    void itHoldsWhatASortedMapHolds(int count, int distinct, long seed) {
        Random random = new Random(seed);
        List<Key128> pool = new ArrayList<>();
        for (int i = 0; i < distinct; i++) {
            // Every third shares its first bits with others.
            long high = i % 3 == 0 ? 0xFEDC_BA98_0000_0000L + random.nextInt(4) : random.nextLong();
            pool.add(new Key128(high, random.nextLong()));
        }
        TreeMap<Key128, List<Integer>> expected = new TreeMap<>();
        KeyIndex.Builder builder = new KeyIndex.Builder(4);
        for (int i = 0; i < count; i++) {
            Key128 key = pool.get(random.nextInt(distinct));
            builder.add(key, i);
            expected.computeIfAbsent(key, k -> new ArrayList<>()).add(i);
        }
        KeyIndex index = builder.build();

        assertThat(index.size()).isEqualTo(expected.size());
        int at = 0;
        for (Map.Entry<Key128, List<Integer>> entry : expected.entrySet()) {
            assertThat(new Key128(index.high(at), index.low(at))).isEqualTo(entry.getKey());
            assertThat(index.find(entry.getKey())).isEqualTo(at);
            List<Integer> owners = new ArrayList<>();
            index.owners(at, owners::add);
            assertThat(owners).isEqualTo(entry.getValue());
            at++;
        }
        for (int i = 0; i < 200; i++) {
            Key128 other = new Key128(random.nextLong(), random.nextLong());
            assertThat(index.find(other)).isEqualTo(-1);
            assertThat(index.from(other.high(), other.low()))
                    .isEqualTo(expected.headMap(other).size());
        }
    }
}
