package atelier.inference.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import org.junit.jupiter.api.Test;

class ParametersTextTest {
    private static final GenerationParameters OTHERWISE = PictureFileTest.record("", "");

    @Test
    void theTextIsWhatGalleriesRead() {
        assertThat(ParametersText.of(PictureFileTest.record("a fox", "blurry")))
                .isEqualTo("a fox\nNegative prompt: blurry\n"
                        + "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 123456789012,"
                        + " Size: 512x768, Model hash: 0123456789, Model: some model, Clip skip: 2,"
                        + " CFG Rescale phi: 0.25, RNG: CPU, Adapters: \"style:0.8\", Version: Atelier 0.1.0");
    }

    @Test
    void whatOthersWroteIsUnderstood() {
        GenerationParameters record = ParametersText.read(
                "a (red:1.2) fox,\nin snow\nNegative prompt: bad, worse\nworst\n"
                        + "Steps: 25, Sampler: Euler a, CFG scale: 6, Seed: 42, Size: 640x448, Clip skip: 2,"
                        + " Lora hashes: \"a: 1, b: 2\", Version: v1.10.1",
                OTHERWISE);
        assertThat(record.prompt()).isEqualTo("a (red:1.2) fox,\nin snow");
        assertThat(record.negativePrompt()).isEqualTo("bad, worse\nworst");
        assertThat(record.steps()).isEqualTo(25);
        assertThat(record.sampler()).isEqualTo("euler_ancestral");
        assertThat(record.guidanceScale()).isEqualTo(6);
        assertThat(record.seed()).isEqualTo(42);
        assertThat(record.width()).isEqualTo(640);
        assertThat(record.height()).isEqualTo(448);
        assertThat(record.clipSkip()).isEqualTo(1);
        assertThat(record.noise()).isEqualTo("cuda");
        assertThat(record.software()).isEqualTo("v1.10.1");
    }

    @Test
    void theOlderWayToNameKarrasIsUnderstood() {
        GenerationParameters record = ParametersText.read("x\nSteps: 5, Sampler: DPM++ 2M Karras, Seed: 1", OTHERWISE);
        assertThat(record.sampler()).isEqualTo("dpmpp_2m");
        assertThat(record.sigmas()).isEqualTo("karras");
    }

    @Test
    void quotedValuesHoldCommas() {
        assertThat(ParametersText.pairs("First: \"x, y: z\", Second: 2"))
                .containsEntry("First", "x, y: z")
                .containsEntry("Second", "2");
    }

    @Test
    void textWithoutSeedIsRefused() {
        assertThatThrownBy(() -> ParametersText.read("only a prompt", OTHERWISE))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("Steps: ..., Seed:");
    }
}
