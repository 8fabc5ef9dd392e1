package atelier.diffusion.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
    @Test
    void alphaBarIsDiffusersForEveryCurve() {
        for (JsonNode c : Golden.read("schedules.json")) {
            NoiseSchedule schedule = NoiseSchedule.of(c.get("config"));
            float[] expected = Golden.floats(c.get("alpha_bar"));
            int[] steps = Golden.ints(c.get("steps"));
            for (int i = 0; i < steps.length; i++) {
                assertThat(schedule.alphaBar(steps[i]))
                        .as("%s at %s", c.get("config"), steps[i])
                        .isCloseTo(expected[i], within(schedule.settings().zeroTerminalSnr() ? 2e-7f : 0));
            }
        }
    }

    @Test
    void noisedSamplesAndVelocitiesAreDiffusers() {
        for (JsonNode c : Golden.read("schedules.json")) {
            NoiseSchedule schedule = NoiseSchedule.of(c.get("config"));
            float[] x = Golden.floats(c.get("x"));
            float[] noise = Golden.floats(c.get("noise"));
            int t = c.get("t").intValue();
            assertThat(schedule.addNoise(x, noise, t)).containsExactly(Golden.floats(c.get("noised")), within(1e-6f));
            assertThat(schedule.velocity(x, noise, t)).containsExactly(Golden.floats(c.get("velocity")), within(1e-6f));
        }
    }

    @Test
    void zeroTerminalSnrEndsInPureNoise() {
        NoiseSchedule schedule = schedule("{\"beta_schedule\": \"scaled_linear\", \"rescale_betas_zero_snr\": true}");
        assertThat(schedule.alphaBar(999)).isZero();
        assertThat(schedule.signalToNoise(999)).isZero();
        float[] noise = {0.5f, -2};
        assertThat(schedule.addNoise(new float[] {3, 4}, noise, 999)).isEqualTo(noise);
    }

    @Test
    void theTargetIsWhatTheNetworkPredicts() {
        float[] x = {1, 2};
        float[] noise = {3, -4};
        assertThat(schedule("{}").target(x, noise, 10)).isEqualTo(noise);
        assertThat(schedule("{\"prediction_type\": \"sample\"}").target(x, noise, 10))
                .isEqualTo(x);
        NoiseSchedule v = schedule("{\"prediction_type\": \"v_prediction\"}");
        assertThat(v.target(x, noise, 10)).isEqualTo(v.velocity(x, noise, 10));
    }

    @Test
    void betasCanBeGivenOneByOne() {
        NoiseSchedule schedule = schedule("{\"num_train_timesteps\": 2, \"trained_betas\": [0.5, 0.5]}");
        assertThat(schedule.alphaBars()).containsExactly(0.5f, 0.25f);
    }

    @Test
    void wrongSettingsAreNamed() {
        assertThatThrownBy(() -> schedule("{\"beta_schedule\": \"sigmoid\"}"))
                .hasMessage(
                        "beta_schedule in scheduler_config.json must be linear, scaled_linear or squaredcos_cap_v2, got 'sigmoid'");
        assertThatThrownBy(() -> schedule("{\"beta_end\": 1.5}"))
                .hasMessage("beta_end must be between 0 and 1, got 1.5");
        assertThatThrownBy(() -> schedule("{\"beta_start\": \"small\"}"))
                .hasMessageContaining("beta_start in scheduler_config.json must be a number");
        assertThatThrownBy(() -> schedule("{\"num_train_timesteps\": 3, \"trained_betas\": [0.5]}"))
                .hasMessageContaining("must hold num_train_timesteps = 3 values, got 1");
        assertThatThrownBy(() -> schedule("{}").alphaBar(1000))
                .hasMessage("a timestep must be between 0 and 999, got 1000");
        assertThatThrownBy(() -> schedule("{}").addNoise(new float[1], new float[2], 0))
                .hasMessageContaining("got 1 and 2");
    }

    private static NoiseSchedule schedule(String json) {
        try {
            return NoiseSchedule.of(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
