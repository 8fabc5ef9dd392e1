package atelier.inference.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.inference.sampler.schedule.SamplerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Row 34: what AUTOMATIC1111's web UI, Forge and SD.Next wrote. */
class ParametersFormatTest {
    private final List<String> told = new ArrayList<>();

    private ForeignParameters parameters(String text) {
        return new ForeignParameters(ParametersFormat.read(text), told::add);
    }

    @Test
    void whatOthersWroteIsUnderstood() {
        String text = "a (red:1.2) fox,\nin snow\nNegative prompt: bad, worse\nworst\n"
                + "Steps: 25, Sampler: Euler a, CFG scale: 6, Seed: 42, Size: 640x448, Clip skip: 2,"
                + " Lora hashes: \"a: 1, b: 2\", Version: v1.10.1";
        ForeignRecord record = ParametersFormat.read(text);
        assertThat(record.prompt()).isEqualTo("a (red:1.2) fox,\nin snow");
        assertThat(record.negativePrompt()).isEqualTo("bad, worse\nworst");
        assertThat(record.program()).isEqualTo("v1.10.1");
        ForeignParameters parameters = parameters(text);
        assertThat(parameters.steps()).isEqualTo(25);
        assertThat(parameters.sampling("x").sampler()).isEqualTo(SamplerKind.EULER_ANCESTRAL);
        assertThat(parameters.guidanceScale()).isEqualTo(6);
        assertThat(parameters.seed()).isEqualTo(42);
        assertThat(parameters.size()).containsExactly(640, 448);
        assertThat(parameters.clipSkip()).isEqualTo(1);
        assertThat(parameters.cpuNoise()).isFalse();
        assertThat(parameters.adapterHashes()).containsEntry("a", "1").containsEntry("b", "2");
        parameters.tellTheRest();
        assertThat(told).isEmpty();
    }

    @Test
    void theOlderWayToNameKarrasIsUnderstood() {
        ForeignParameters.Sampling sampling =
                parameters("x\nSteps: 5, Sampler: DPM++ 2M Karras, Seed: 1").sampling("x");
        assertThat(sampling.sampler()).isEqualTo(SamplerKind.DPMPP_2M);
        assertThat(sampling.sigmas()).isEqualTo("karras");
    }

    @Test
    void valuesMayHoldCommas() {
        assertThat(ParametersFormat.pairs(
                        "First: \"x, y: \\\"z\\\"\", Hashes: {\"model\": \"ab\", \"lora:x\": \"cd\"}, Odd, Last: 2"))
                .containsExactly(
                        Map.entry("First", "x, y: \"z\""),
                        Map.entry("Hashes", "{\"model\": \"ab\", \"lora:x\": \"cd\"}"),
                        Map.entry("Odd", ""),
                        Map.entry("Last", "2"));
    }

    @Test
    void textWithoutSeedIsRefused() {
        assertThatThrownBy(() -> ParametersFormat.read("only a prompt"))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("Steps: ..., Seed:");
    }

    @Test
    void everySettingThatIsNotHereIsToldOnceWithItsValue() {
        ForeignParameters parameters = parameters("a fox\n"
                + "Steps: 20, Sampler: Restart, Schedule type: KL Optimal, CFG scale: 7, Seed: 1, Size: 512x512,"
                + " Variation seed: 77, Variation seed strength: 0.3, Denoising strength: 0.5, Hires upscale: 2,"
                + " Hires steps: 0, Hires upscaler: R-ESRGAN 4x+, ADetailer model: face_yolov8n.pt, Eta: 0.67,"
                + " ControlNet 0: \"Module: canny, Weight: 1\", Token merging ratio: 0.5, VAE: good.pt, ENSD: 31337,"
                + " Refiner: xl_refiner [abc], Refiner switch at: 0.8, FreeU Stages: \"[{}]\", Made up: yes,"
                + " Version: f2.0\nTemplate: a {red|blue} fox");
        parameters.steps();
        parameters.seed();
        parameters.guidanceScale();
        int[] size = parameters.size();
        assertThat(parameters.sampling("ddim").known()).isFalse();
        assertThat(parameters.secondPass(size).scale()).isEqualTo(2);
        parameters.tellTheRest();
        assertThat(told)
                .containsExactly(
                        "from_image: Sampler: Restart - not known here; sampler=ddim is taken instead",
                        "from_image: Schedule type: KL Optimal - not known here; the sampler's own noise levels are"
                                + " taken",
                        "from_image: Variation seed: 77 - not known here; the noise comes from the seed alone",
                        "from_image: Variation seed strength: 0.3 - not known here; the noise comes from the seed alone",
                        "from_image: Hires upscaler: R-ESRGAN 4x+ - not known here; the picture is enlarged by Lanczos",
                        "from_image: ADetailer model: face_yolov8n.pt - not known here; faces are not drawn a second"
                                + " time",
                        "from_image: Eta: 0.67 - not known here; the sampler's own noise is taken",
                        "from_image: ControlNet 0: Module: canny, Weight: 1 - not known here; no control picture leads"
                                + " the drawing",
                        "from_image: Token merging ratio: 0.5 - not known here; no tokens are merged",
                        "from_image: VAE: good.pt - not known here; the model's own autoencoder is used",
                        "from_image: ENSD: 31337 - not known here; later noise comes from the seed itself",
                        "from_image: Refiner: xl_refiner [abc] - not known here; one model draws all steps",
                        "from_image: Refiner switch at: 0.8 - not known here; one model draws all steps",
                        "from_image: FreeU Stages: [{}] - not known here; the UNet's features are left as they are",
                        "from_image: Made up: yes - not known here; it is left out",
                        "from_image: Template: a {red|blue} fox - not known here; the prompt is drawn as it was filled"
                                + " in");
    }
}
