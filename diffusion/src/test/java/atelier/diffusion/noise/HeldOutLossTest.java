package atelier.diffusion.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeldOutLossTest {
    @Test
    void timestepsAreTheMiddlesOfEqualParts() {
        assertThat(new int[] {HeldOutLoss.timestep(0, 4, 1000), HeldOutLoss.timestep(3, 4, 1000)})
                .containsExactly(125, 875);
        assertThat(HeldOutLoss.timestep(0, 1, 1000)).isEqualTo(500);
    }

    @Test
    void theLossIsTheMeanSquaredError() {
        assertThat(HeldOutLoss.of(new float[] {1, 2, 4}, new float[] {1, 0, 1})).isEqualTo(13 / 3.0);
    }

    @Test
    void aPredictionOfTheTargetHasNoLoss() {
        NoiseSchedule schedule = NoiseSchedule.of(new com.fasterxml.jackson.databind.ObjectMapper().createObjectNode());
        float[] latents = new TorchRandom(1).normal(16);
        float[] noise = new TorchRandom(2).normal(16);
        Noised noised = HeldOutLoss.noised(schedule, latents, noise, 300);
        assertThat(noised.noisy()).isEqualTo(schedule.addNoise(latents, noise, 300));
        assertThat(HeldOutLoss.of(noise, noised.target())).isZero();
    }
}
