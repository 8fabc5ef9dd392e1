package atelier.diffusion.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TorchRandomTest {
    private final JsonNode golden = Golden.read("random.json");

    @Test
    void normalNumbersOfEveryLengthAreTorchs() {
        for (JsonNode c : golden.get("normal")) {
            TorchRandom random = new TorchRandom(c.get("seed").longValue());
            for (int call = 0; call < c.get("lengths").size(); call++) {
                float[] actual = random.normal(c.get("lengths").get(call).intValue());
                float[] expected = Golden.floats(c.get("bits").get(call));
                assertThat(actual).hasSameSizeAs(expected);
                for (int i = 0; i < actual.length; i++) {
                    assertThat(actual[i])
                            .as("seed %s, call %s, number %s", c.get("seed"), call, i)
                            .isCloseTo(expected[i], within(1e-6f));
                }
            }
        }
    }

    @Test
    void aWholeLatentIsTorchs() {
        JsonNode latent = golden.get("latent");
        float[] actual = new TorchRandom(latent.get("seed").longValue())
                .normal(latent.get("count").intValue());
        double sum = 0;
        double squares = 0;
        for (float value : actual) {
            sum += value;
            squares += (double) value * value;
        }
        assertThat(sum).isCloseTo(latent.get("sum").doubleValue(), within(1e-3));
        assertThat(squares).isCloseTo(latent.get("squares").doubleValue(), within(1e-2));
        float[] last = Golden.floats(latent.get("last"));
        assertThat(Arrays.copyOfRange(actual, actual.length - last.length, actual.length))
                .containsExactly(last, within(1e-6f));
    }

    @Test
    void uniformNumbersAreTorchsBitForBit() {
        JsonNode uniform = golden.get("uniform");
        float[] expected = Golden.floats(uniform.get("bits"));
        assertThat(new TorchRandom(uniform.get("seed").longValue()).uniform(expected.length))
                .isEqualTo(expected);
    }

    @Test
    void sameSeedSameNoise() {
        assertThat(new TorchRandom(9).normal(100)).isEqualTo(new TorchRandom(9).normal(100));
        assertThat(new TorchRandom(9).normal(100)).isNotEqualTo(new TorchRandom(10).normal(100));
    }
}
