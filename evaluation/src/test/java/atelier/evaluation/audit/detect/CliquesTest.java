package atelier.evaluation.audit.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class CliquesTest {
    @Test
    void copiesAmongDistinctGenerationsFormTheClique() {
        double[][] distances = apart(16);
        int[] copies = {0, 2, 3, 5, 6, 7, 9, 11, 12, 15};
        for (int i : copies) {
            for (int j : copies) {
                distances[i][j] = 0.05;
            }
        }
        long clique = Cliques.largest(distances, 0.1);
        assertThat(Long.bitCount(clique)).isEqualTo(10);
        for (int i : copies) {
            assertThat(clique >>> i & 1).isEqualTo(1);
        }
    }

    @Test
    void aChainOfNeighboursIsNoClique() {
        double[][] distances = apart(12);
        for (int i = 0; i + 1 < 12; i++) {
            distances[i][i + 1] = 0.05;
            distances[i + 1][i] = 0.05;
        }
        assertThat(Long.bitCount(Cliques.largest(distances, 0.1))).isEqualTo(2);
    }

    @Test
    void distinctGenerationsStandAlone() {
        assertThat(Long.bitCount(Cliques.largest(apart(16), 0.1))).isEqualTo(1);
        assertThat(Cliques.largest(new double[0][0], 0.1)).isZero();
    }

    @Test
    void theLargestCliqueEqualsThatOfTryingAllSets() {
        Random random = new Random(7);
        for (int graph = 0; graph < 60; graph++) {
            int count = 2 + random.nextInt(10);
            double[][] distances = new double[count][count];
            double share = random.nextDouble();
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < i; j++) {
                    distances[i][j] = random.nextDouble() < share ? 0 : 1;
                    distances[j][i] = distances[i][j];
                }
            }
            assertThat(Long.bitCount(Cliques.largest(distances, 0.5))).isEqualTo(largestByTrying(distances));
        }
    }

    @Test
    void sixtyFourIdenticalGenerationsAreOneClique() {
        assertThat(Cliques.largest(new double[64][64], 0.1)).isEqualTo(-1L);
        assertThatThrownBy(() -> Cliques.largest(new double[65][65], 0.1)).hasMessageContaining("64");
    }

    private static int largestByTrying(double[][] distances) {
        int best = 0;
        for (int set = 1; set < 1 << distances.length; set++) {
            boolean clique = true;
            for (int i = 0; i < distances.length && clique; i++) {
                for (int j = 0; j < i && clique; j++) {
                    clique = (set >> i & set >> j & 1) == 0 || distances[i][j] < 0.5;
                }
            }
            best = clique ? Math.max(best, Integer.bitCount(set)) : best;
        }
        return best;
    }

    private static double[][] apart(int count) {
        double[][] distances = new double[count][count];
        for (double[] row : distances) {
            java.util.Arrays.fill(row, 0.4);
        }
        return distances;
    }
}
