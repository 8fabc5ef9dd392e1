package atelier.diffusion.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PhiloxRandomTest {
    /** The known answers of Random123 1.14 (kat_vectors) for philox4x32 with 10 rounds. */
    @Test
    void blocksAreThoseOfRandom123() {
        assertThat(PhiloxRandom.block(0, 0, 0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(PhiloxRandom.block(-1, -1, -1, -1, -1))
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(PhiloxRandom.block(0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    /** What {@code torch.manual_seed(0); torch.randn(4, device="cuda")} prints. */
    @Test
    void normalNumbersAreThoseOfTorchOnCuda() {
        assertThat(new PhiloxRandom(0).normal(4))
                .containsExactly(new float[] {-0.9247f, -0.4253f, -2.6438f, 0.1452f}, within(6e-5f));
    }

    @Test
    void aSecondCallGoesOnInsteadOfRepeating() {
        PhiloxRandom random = new PhiloxRandom(5);
        assertThat(random.normal(16)).isNotEqualTo(random.normal(16));
    }

    @Test
    void valuesAreStandardNormal() {
        float[] values = new PhiloxRandom(11).normal(16384);
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        assertThat(sum / values.length).isCloseTo(0, within(0.03));
        assertThat(squares / values.length).isCloseTo(1, within(0.04));
    }
}
