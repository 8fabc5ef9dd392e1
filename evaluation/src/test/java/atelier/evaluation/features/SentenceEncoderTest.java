package atelier.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.evaluation.measure.EvaluationGolden;
import atelier.evaluation.statistics.Vectors;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SentenceEncoderTest {
    private final SentenceEncoder encoder = new SentenceEncoder();

    @Test
    void vectorsAreThoseOfTheOriginal() throws IOException {
        Path texts = EvaluationGolden.REPOSITORY.resolve(
                "evaluation/src/test/resources/atelier/evaluation/features/sentences.json");
        float[][] expected =
                EvaluationGolden.file("features/sentences.safetensors").rows("out.vectors");
        JsonNode list = new ObjectMapper().readTree(texts.toFile());
        assertThat(list).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            float[] found = encoder.embed(list.get(i).asText());
            for (int j = 0; j < found.length; j++) {
                assertThat(found[j]).as("%s", list.get(i)).isCloseTo(expected[i][j], Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void textsOfOneMeaningLieNearerThanOthers() {
        float[] cake = encoder.embed("birthday cake");
        assertThat(Vectors.cosine(cake, encoder.embed("a cake with candles")))
                .isGreaterThan(Vectors.cosine(cake, encoder.embed("flag: Brazil")) + 0.3);
    }

    @Test
    void aBlankTextIsLikeNoOther() {
        assertThat(Vectors.cosine(encoder.embed(" "), encoder.embed("cake"))).isZero();
    }
}
