package atelier.inference.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.noise.TorchRandom;
import atelier.inference.draw.DrawingProgress;
import atelier.inference.draw.Guidance;
import atelier.inference.draw.InitialLatents;
import atelier.inference.draw.SamplingLoop;
import atelier.inference.request.GuidanceScale;
import atelier.inference.sampler.noise.BrownianPath;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.SigmaSpacing;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplersTest {
    private static final String SD1 =
            "{\"_class_name\": \"PNDMScheduler\", \"beta_start\": 0.00085, \"beta_end\": 0.012,"
                    + "\"beta_schedule\": \"scaled_linear\", \"clip_sample\": false, \"skip_prk_steps\": true, \"steps_offset\": 1}";
    private static final int ELEMENTS = 16;

    @ParameterizedTest
    @EnumSource(SamplerKind.class)
    void aPictureOfABatchIsThePictureMadeAlone(SamplerKind kind) throws IOException {
        float[] together = run(kind, 3L, 4L, 5L);
        assertThat(Arrays.copyOfRange(together, ELEMENTS, 2 * ELEMENTS)).isEqualTo(run(kind, 4L));
        assertThat(Arrays.copyOfRange(together, 2 * ELEMENTS, 3 * ELEMENTS)).isEqualTo(run(kind, 5L));
    }

    @Test
    void aPathDoesNotDependOnTheOrderOfQuestions() {
        BrownianPath first = new BrownianPath(9, ELEMENTS, 0.03, 14.6);
        BrownianPath second = new BrownianPath(9, ELEMENTS, 0.03, 14.6);
        float[] early = first.increment(1, 2);
        second.increment(5, 9.5);
        second.increment(0.4, 1);
        assertThat(second.increment(1, 2)).isEqualTo(early);
        float[] whole = first.increment(1, 3);
        float[] rest = first.increment(2, 3);
        for (int i = 0; i < ELEMENTS; i++) {
            assertThat(early[i] + rest[i]).isCloseTo(whole[i], within(1e-5f));
        }
    }

    @Test
    void rescaledGuidanceHasThePromptsDeviation() {
        float[] without = {0, 1, 2, 3};
        float[] with = {1, 0, 3, 6};
        float[] plain = new GuidanceScale(4, 0, 0, 1).apply(without, with, 4);
        assertThat(plain).containsExactly(4, -3, 6, 15);
        float[] rescaled = new GuidanceScale(4, 1, 0, 1).apply(without, with, 4);
        assertThat(deviation(rescaled)).isCloseTo(deviation(with), within(1e-5));
    }

    @Test
    void guidanceIsOffOutsideItsInterval() {
        GuidanceScale guidance = new GuidanceScale(7, 0, 0.2, 0.8);
        assertThat(guidance.active(1, 10)).isFalse();
        assertThat(guidance.active(2, 10)).isTrue();
        assertThat(guidance.active(7, 10)).isTrue();
        assertThat(guidance.active(8, 10)).isFalse();
        assertThat(new GuidanceScale(1, 0, 0, 1).active(5, 10)).isFalse();
    }

    @Test
    void whatCannotBeIsNamed() {
        assertThatThrownBy(() -> SamplerKind.of("dpm"))
                .hasMessageStartingWith("sampler must be one of ddpm, ddim,")
                .hasMessageEndingWith("got 'dpm'");
        assertThatThrownBy(() ->
                        Samplers.create(SamplerKind.DDIM, SchedulerConfig.of(SamplerKind.DDIM, json(SD1), false), 1001))
                .hasMessageContaining("between 1 and the model's 1000 training steps, got 1001");
        assertThatThrownBy(() ->
                        Samplers.create(SamplerKind.LCM, SchedulerConfig.of(SamplerKind.LCM, json(SD1), false), 60))
                .hasMessageContaining("at most 50 with sampler=lcm");
        assertThatThrownBy(() ->
                        SchedulerConfig.of(SamplerKind.DDIM, json(SD1), false).with(SigmaSpacing.KARRAS))
                .hasMessageContaining("sigma_schedule=karras is not known to this sampler");
        assertThatThrownBy(() -> SchedulerConfig.of(SamplerKind.DDIM, json("{\"thresholding\": true}"), false))
                .hasMessageContaining("sets thresholding");
        assertThatThrownBy(() -> new GuidanceScale(7, 2, 0, 1))
                .hasMessageContaining("guidance_rescale must be between 0 and 1");
    }

    private static float[] run(SamplerKind kind, Long... seeds) throws IOException {
        Sampler sampler = Samplers.create(kind, SchedulerConfig.of(kind, json(SD1), false), 5);
        List<TorchRandom> generators =
                Arrays.stream(seeds).map(TorchRandom::new).toList();
        SamplerNoise noise = new SamplerNoise(generators, List.of(seeds), ELEMENTS);
        InitialLatents start = InitialLatents.noise(sampler, generators, ELEMENTS);
        Guidance network = (call, latents, timestep) -> {
            float[] output = new float[latents.length];
            for (int i = 0; i < output.length; i++) {
                output[i] = 0.6f * latents[i] + (float) (timestep / 5000);
            }
            return output;
        };
        return SamplingLoop.run(sampler, start, network, noise, DrawingProgress.SILENT);
    }

    private static double deviation(float[] values) {
        double mean = 0;
        double squares = 0;
        for (float value : values) {
            mean += value / (double) values.length;
        }
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** As StableDiffusionPipeline and StableDiffusionXLPipeline of diffusers 0.35 do in __init__. */
    @Test
    void onlyPipelinesOfTheFirstTwoGenerationsInsistOnAnOffset() {
        JsonNode old = json("{\"_class_name\": \"DDIMScheduler\", \"steps_offset\": 0, \"clip_sample\": true}");
        for (boolean own : new boolean[] {false, true}) {
            SchedulerConfig first = own
                    ? SchedulerConfig.ownOf(SamplerKind.DDIM, old, false)
                    : SchedulerConfig.of(SamplerKind.DDIM, old, false);
            assertThat(first.stepsOffset()).isEqualTo(1);
            assertThat(first.flag("clip_sample")).isFalse();
            SchedulerConfig xl = own
                    ? SchedulerConfig.ownOf(SamplerKind.DDIM, old, true)
                    : SchedulerConfig.of(SamplerKind.DDIM, old, true);
            assertThat(xl.stepsOffset()).isZero();
            assertThat(xl.flag("clip_sample")).isTrue();
        }
    }
}
