package atelier.inference.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.diffusion.noise.TorchRandom;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.noise.SamplerNoise;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Field cases 25 and 26: each scheduler of diffusers as it saves itself, -Infinity included, with every setting. Where no
 * sampler is named the trajectory ends where diffusers' ends, or a refusal names the setting or the class.
 */
class ModelSchedulerTest {
    private static final JsonNode GOLDEN = read();

    static Stream<String> cases() {
        List<String> names = new ArrayList<>();
        for (JsonNode c : GOLDEN.get("cases")) {
            names.add(names.size() + " " + c.get("scheduler").asText() + " "
                    + c.get("set")
                            .toString()
                            .substring(0, Math.min(90, c.get("set").toString().length())));
        }
        return names.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aModelsOwnSchedulerEndsWhereDiffusersEndsOrIsRefusedByName(String name) throws IOException {
        JsonNode c = GOLDEN.get("cases").get(Integer.parseInt(name.substring(0, name.indexOf(' '))));
        String scheduler = c.get("scheduler").asText();
        ObjectNode config = (ObjectNode)
                JsonText.mapper().readTree(GOLDEN.get("configs").get(scheduler).asText());
        config.setAll((ObjectNode) c.get("set"));
        TorchRandom random = new TorchRandom(42);
        float[] x = random.normal(16);
        SamplerNoise fresh = new SamplerNoise(List.of(random), List.of(42L), 16);
        try {
            SamplingSettings settings = new SamplingSettings(6, null, null, null, 1, 0, 0, 1, 0, NoiseKind.TORCH);
            Sampler sampler = settings.create(config, false);
            for (int i = 0; i < x.length; i++) {
                x[i] *= sampler.initialScale();
            }
            for (int call = 0; call < sampler.calls(); call++) {
                x = sampler.step(call, model(sampler.scaleInput(call, x), sampler.timestep(call)), x, fresh);
            }
        } catch (WrongCommandException refusal) {
            List<String> named = new ArrayList<>(List.of(scheduler));
            c.get("set").fieldNames().forEachRemaining(named::add);
            assertThat(named.stream().anyMatch(String.valueOf(refusal.getMessage())::contains))
                    .as("%s names one of %s", refusal.getMessage(), named)
                    .isTrue();
            return;
        }
        if (c.has("error")) {
            return;
        }
        float tolerance = scheduler.equals("DPMSolverSDEScheduler") ? 2e-2f : 1e-4f;
        for (int i = 0; i < x.length; i++) {
            float expected = c.get("final").get(i).floatValue();
            assertThat(x[i])
                    .as("element %s", i)
                    .isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
        }
    }

    /** The settings that no sampler here follows; every other setting and value of these classes is followed. */
    @Test
    void theSettingsThatAreRefusedAreThese() throws IOException {
        Map<String, Set<String>> refused = new TreeMap<>();
        for (JsonNode c : GOLDEN.get("cases")) {
            String scheduler = c.get("scheduler").asText();
            ObjectNode config = (ObjectNode) JsonText.mapper()
                    .readTree(GOLDEN.get("configs").get(scheduler).asText());
            config.setAll((ObjectNode) c.get("set"));
            try {
                new SamplingSettings(6, null, null, null, 1, 0, 0, 1, 0, NoiseKind.TORCH).create(config, false);
            } catch (WrongCommandException e) {
                if (c.get("set").size() < 2) {
                    String setting = c.get("set").toString().replaceAll("[{}\"]", "");
                    refused.computeIfAbsent(scheduler, absent -> new TreeSet<>())
                            .add(setting.isEmpty() ? "the class" : setting);
                }
            }
        }
        refused.replaceAll((scheduler, settings) -> settings.contains("the class") ? Set.of("the class") : settings);
        Map<String, Set<String>> expected = new TreeMap<>();
        expected.put(
                "DDPMScheduler", Set.of("thresholding:true", "variance_type:learned", "variance_type:learned_range"));
        expected.put("DDIMScheduler", Set.of("thresholding:true"));
        expected.put("PNDMScheduler", Set.of("prediction_type:sample"));
        expected.put("LCMScheduler", Set.of("thresholding:true"));
        expected.put("EulerDiscreteScheduler", Set.of("interpolation_type:log_linear", "timestep_type:continuous"));
        Set<String> shifts = Set.of("thresholding:true", "use_dynamic_shifting:true", "use_flow_sigmas:true");
        expected.put("DEISMultistepScheduler", shifts);
        expected.put(
                "DPMSolverMultistepScheduler",
                with(
                        shifts,
                        "algorithm_type:dpmsolver",
                        "algorithm_type:sde-dpmsolver",
                        "use_lu_lambdas:true",
                        "variance_type:learned_range"));
        expected.put(
                "UniPCMultistepScheduler",
                with(
                        shifts,
                        "disable_corrector:[0,1]",
                        "disable_corrector:[0]",
                        "shift_terminal:0.1",
                        "sigma_max:10.0",
                        "sigma_min:0.1"));
        for (String other : List.of(
                "DPMSolverSinglestepScheduler",
                "TCDScheduler",
                "EDMEulerScheduler",
                "EDMDPMSolverMultistepScheduler",
                "SASolverScheduler",
                "IPNDMScheduler")) {
            expected.put(other, Set.of("the class"));
        }
        assertThat(refused).isEqualTo(expected);
    }

    private static Set<String> with(Set<String> some, String... more) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(List.of(more));
        return all;
    }

    private static float[] model(float[] x, double t) {
        float[] output = new float[x.length];
        float cosine = (float) Math.cos(t / 1000);
        for (int i = 0; i < x.length; i++) {
            output[i] = 0.7f * x[i] * cosine + 0.1f * (float) Math.tanh(x[i]);
        }
        return output;
    }

    private static JsonNode read() {
        try (InputStream in = ModelSchedulerTest.class.getResourceAsStream("settings.json")) {
            return JsonText.mapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
