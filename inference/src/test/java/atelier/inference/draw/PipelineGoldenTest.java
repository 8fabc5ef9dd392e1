package atelier.inference.draw;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.StartingPicture;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SigmaSpacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole pictures against diffusers' pipelines: tokenizer, text encoder, UNet, sampler, autoencoder, random draws. */
class PipelineGoldenTest {
    /** Of 255. */
    private static final int TOLERANCE = 2;

    private static final JsonNode GOLDEN = read();
    private static final Map<String, StableDiffusion> MODELS = new HashMap<>();
    private static @Nullable Kernels kernels;

    @BeforeAll
    static void load() {
        kernels = Kernels.load(Device.cpu());
    }

    @AfterAll
    static void close() {
        MODELS.values().forEach(StableDiffusion::close);
        MODELS.clear();
        kernels.close();
    }

    static Stream<String> cases() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < GOLDEN.get("cases").size(); i++) {
            JsonNode c = GOLDEN.get("cases").get(i);
            names.add(i + " " + c.get("model").asText() + " " + c.get("sampler").asText() + " "
                    + c.get("mode").asText());
        }
        return names.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void sameSeedSamePicture(String name) throws IOException {
        JsonNode c = GOLDEN.get("cases").get(Integer.parseInt(name.substring(0, name.indexOf(' '))));
        BufferedImage picture = new TextToImage(model(c.get("model").asText()))
                .draw(request(c), DrawingProgress.SILENT)
                .get(0);
        byte[] expected = Base64.getDecoder().decode(c.get("pixels").asText());
        int worst = 0;
        for (int i = 0; i < expected.length / 3; i++) {
            int rgb = picture.getRGB(i % picture.getWidth(), i / picture.getWidth());
            for (int channel = 0; channel < 3; channel++) {
                int value = (rgb >> (16 - 8 * channel)) & 0xff;
                worst = Math.max(worst, Math.abs(value - (expected[3 * i + channel] & 0xff)));
            }
        }
        assertThat(worst).isLessThanOrEqualTo(TOLERANCE);
    }

    private static ImageRequest request(JsonNode c) {
        String sampler = c.get("sampler").textValue();
        String sigmas = c.get("sigmas").textValue();
        SamplingSettings sampling = new SamplingSettings(
                c.get("steps").intValue(),
                sampler == null ? null : SamplerKind.of(sampler),
                sigmas == null ? null : SigmaSpacing.of(sigmas),
                null,
                c.get("guidance_scale").doubleValue(),
                c.path("guidance_rescale").asDouble(0),
                0,
                1,
                c.path("clip_skip").asInt(0),
                NoiseKind.TORCH);
        String mode = c.get("mode").asText();
        StartingPicture start = mode.equals("text")
                ? null
                : new StartingPicture(
                        picture("picture"),
                        mode.equals("inpaint") ? picture("mask") : null,
                        c.get("strength").doubleValue());
        return new ImageRequest(
                c.get("prompt").asText(),
                c.get("negative_prompt").asText(),
                List.of(c.get("seed").longValue()),
                c.get("width").intValue(),
                c.get("height").intValue(),
                sampling,
                start,
                null);
    }

    private static BufferedImage picture(String key) {
        byte[] bytes = Base64.getDecoder().decode(GOLDEN.get(key).asText());
        BufferedImage picture = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 24 * 16; i++) {
            int rgb = (bytes[3 * i] & 0xff) << 16 | (bytes[3 * i + 1] & 0xff) << 8 | bytes[3 * i + 2] & 0xff;
            picture.setRGB(i % 24, i / 24, rgb);
        }
        return picture;
    }

    private static StableDiffusion model(String name) throws IOException {
        StableDiffusion known = MODELS.get(name);
        if (known == null) {
            Path folder = Path.of("../diffusion/src/test/resources/golden/models", name);
            known = StableDiffusion.open(folder, kernels, Precision.FP32, Use.INFERENCE);
            MODELS.put(name, known);
        }
        return known;
    }

    private static JsonNode read() {
        try (InputStream in = PipelineGoldenTest.class.getResourceAsStream("pictures.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
