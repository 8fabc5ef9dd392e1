package atelier.inference.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.noise.TorchRandom;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaSpacing;
import atelier.inference.sampler.schedule.TimestepSpacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sampler against diffusers' or k-diffusion's, call by call, on a model that is a formula. */
class TrajectoryTest {
    private static final JsonNode GOLDEN = read();

    static Stream<String> cases() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < GOLDEN.get("cases").size(); i++) {
            JsonNode c = GOLDEN.get("cases").get(i);
            names.add(i + " " + c.get("sampler").asText() + " " + c.get("model").asText() + " steps "
                    + c.get("steps") + " " + c.get("sigmas").asText() + " "
                    + c.get("spacing").asText() + " from "
                    + c.get("start"));
        }
        return names.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyCallEndsWhereDiffusersEnds(String name) {
        JsonNode c = GOLDEN.get("cases").get(Integer.parseInt(name.substring(0, name.indexOf(' '))));
        SamplerKind kind = SamplerKind.of(c.get("sampler").asText());
        JsonNode model = GOLDEN.get("models").get(c.get("model").asText());
        SchedulerConfig config = c.get("own").asBoolean()
                ? SchedulerConfig.ownOf(kind, model, false)
                : SchedulerConfig.of(kind, model, false);
        if (!c.get("sigmas").asText().equals("plain")) {
            config = config.with(SigmaSpacing.of(c.get("sigmas").asText()));
        }
        if (!c.get("spacing").isNull()) {
            config = config.with(TimestepSpacing.of(c.get("spacing").asText()));
        }
        Sampler sampler = Samplers.create(kind, config, c.get("steps").intValue());
        int start = c.get("start").intValue();
        int firstCall = start * sampler.callsPerStep();

        TorchRandom random = new TorchRandom(c.get("seed").longValue());
        float[] noise = random.normal(16);
        SamplerNoise fresh =
                new SamplerNoise(List.of(random), List.of(c.get("seed").longValue()), 16);
        float[] x = start == 0 ? scaled(noise, sampler.initialScale()) : sampler.addNoise(firstCall, clean(), noise);
        float tolerance = tolerance(kind);
        float largest = largest(x);
        close(x, floats(c.get("initial")), tolerance, largest, "initial");

        assertThat(sampler.calls() - firstCall).isEqualTo(c.get("timesteps").size());
        for (int call = firstCall; call < sampler.calls(); call++) {
            int at = call - firstCall;
            assertThat(sampler.timestep(call))
                    .as("timestep of call %s", call)
                    .isCloseTo(c.get("timesteps").get(at).doubleValue(), within(2e-3));
            float[] output = model(sampler.scaleInput(call, x), sampler.timestep(call));
            x = sampler.step(call, output, x, fresh);
            if (!c.get("trace").isEmpty()) {
                float[] expected = floats(c.get("trace").get(at));
                largest = Math.max(largest, largest(x));
                close(Arrays.copyOf(x, 4), expected, tolerance, largest, "after call " + call);
            }
        }
        close(x, floats(c.get("final")), tolerance, largest, "final");
    }

    /**
     * Relative to the value. Where a Brownian path is asked, a noise level that differs in float32's last place moves an
     * end of the interval by the path's own resolution of 1e-6, whose increment is about 1e-3; and PyTorch's float32
     * square roots, logarithms and exponentials, in which the levels are computed, are not rounded as Java's are.
     */
    private static float tolerance(SamplerKind kind) {
        return switch (kind) {
            case DPMPP_SDE -> 2e-2f;
            case DPMPP_3M_SDE -> 2e-3f;
            default -> 2e-5f;
        };
    }

    /** Rounding errors keep the size of the largest value that the trajectory has seen. */
    private static void close(float[] actual, float[] expected, float tolerance, float largest, String where) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i])
                    .as("%s, element %s", where, i)
                    .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i])) + 5e-7f * largest));
        }
    }

    private static float largest(float[] x) {
        float largest = 0;
        for (float value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static float[] model(float[] x, double t) {
        float[] output = new float[x.length];
        float cosine = (float) Math.cos(t / 1000);
        for (int i = 0; i < x.length; i++) {
            output[i] = 0.7f * x[i] * cosine + 0.1f * (float) Math.tanh(x[i]);
        }
        return output;
    }

    private static float[] clean() {
        float[] clean = new float[16];
        for (int i = 0; i < 16; i++) {
            clean[i] = 0.5f * (float) Math.cos(i);
        }
        return clean;
    }

    private static float[] scaled(float[] x, float scale) {
        float[] scaled = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            scaled[i] = x[i] * scale;
        }
        return scaled;
    }

    private static float[] floats(JsonNode node) {
        float[] values = new float[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).floatValue();
        }
        return values;
    }

    private static JsonNode read() {
        try (InputStream in = TrajectoryTest.class.getResourceAsStream("trajectories.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
