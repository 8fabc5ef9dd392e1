package atelier.inference.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationParametersTest {
    private static final String RECORD = """
            {"prompt": "a cat", "negative_prompt": "", "seed": 1, "steps": 10, "guidance_scale": 7.5,
            "guidance_rescale": 0, "guidance_start": 0, "guidance_end": 1, "sampler": "ddim", "own_scheduler": false,
            "width": 64, "height": 64, "clip_skip": 0, "noise": "torch", "model": "base", "dtype": "fp32",
            "adapters": [{"file": "a.safetensors", "weight": 0.5}], "software": "Atelier", "x_other": null}
            """;

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
    void aNumberThatIsNotFiniteIsNamed(String number) {
        assertThat(GenerationParameters.ofJson(RECORD).guidanceScale()).isEqualTo(7.5);
        assertThatThrownBy(() -> GenerationParameters.ofJson(RECORD.replace("7.5", number)))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("the picture's record says guidance_scale = " + number);
        assertThatThrownBy(() -> GenerationParameters.ofJson(RECORD.replace("0.5", number)))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("weight = " + number);
        assertThatThrownBy(() -> GenerationParameters.ofJson(RECORD.replace("\"steps\": 10", "\"steps\": " + number)))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("steps = " + number);
    }

    @Test
    void whatIsNoRecordIsSaidSo() {
        assertThatThrownBy(() -> GenerationParameters.ofJson("{\"prompt\": "))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("the picture's record cannot be read");
    }
}
