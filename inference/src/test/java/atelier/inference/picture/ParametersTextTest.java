package atelier.inference.picture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParametersTextTest {
    @Test
    void theTextIsWhatGalleriesRead() {
        assertThat(ParametersText.of(PictureFileTest.record("a fox", "blurry")))
                .isEqualTo("a fox\nNegative prompt: blurry\n"
                        + "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 123456789012,"
                        + " Size: 512x768, Model hash: 0123456789, Model: some model, Clip skip: 2,"
                        + " CFG Rescale phi: 0.25, RNG: CPU, Adapters: \"style:0.8\", Version: Atelier 0.1.0");
    }
}
