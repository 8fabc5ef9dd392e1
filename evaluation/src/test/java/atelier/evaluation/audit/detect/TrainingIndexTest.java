package atelier.evaluation.audit.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.common.image.Pixels;
import atelier.datasets.hash.Pdq;
import atelier.evaluation.audit.Drawn;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class TrainingIndexTest {
    private final List<Pixels> pictures =
            LongStream.range(0, 30).mapToObj(Drawn::picture).toList();
    private final TrainingIndex trainingIndex = TrainingIndex.of(pictures, Drawn::features);

    @Test
    void plantedCopiesAreFoundAmongDistinctPictures() {
        for (int planted : new int[] {0, 13, 29}) {
            TrainingIndex.Probe copy = probe(Drawn.noisy(pictures.get(planted), 6, 1));
            assertThat(trainingIndex.nearest(copy)).isEqualTo(planted);
            assertThat(trainingIndex.similarity(copy, planted)).isGreaterThan(0.99);
            assertThat(trainingIndex.bits(copy, planted)).isLessThanOrEqualTo(Pdq.MATCH);
        }
    }

    @Test
    void mirroredCopiesMatchByTheirDigests() {
        assertThat(trainingIndex.bits(probe(pictures.get(4).flipped()), 4)).isLessThanOrEqualTo(Pdq.MATCH);
    }

    @Test
    void distinctPicturesDoNotMatch() {
        for (long seed = 100; seed < 120; seed++) {
            TrainingIndex.Probe other = probe(Drawn.picture(seed));
            for (int i = 0; i < trainingIndex.size(); i++) {
                assertThat(trainingIndex.similarity(other, i)).isLessThan(0.9);
                assertThat(trainingIndex.bits(other, i)).isGreaterThan(Pdq.MATCH);
            }
        }
    }

    @Test
    void backgroundIsTheLikenessOfOriginalsToOneAnother() {
        int[] some = IntStream.range(0, 10).toArray();
        List<Double> background = trainingIndex.background(some);
        assertThat(background)
                .hasSize(10)
                .allSatisfy(similarity -> assertThat(similarity).isLessThan(0.9));
        List<Pixels> doubled = List.of(pictures.get(0), pictures.get(1), pictures.get(0));
        assertThat(TrainingIndex.of(doubled, Drawn::features)
                        .background(new int[] {0, 1, 2})
                        .get(0))
                .isCloseTo(1, within(1e-6));
    }

    private static TrainingIndex.Probe probe(Pixels picture) {
        return TrainingIndex.probes(List.of(picture), Drawn::features).get(0);
    }
}
