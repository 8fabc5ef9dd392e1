package atelier.diffusion.text;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.Golden;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongPromptsTest {
    private static final LoadOptions FP32 = new LoadOptions(Precision.FP32, Use.INFERENCE);

    private static PromptEncoder encoder(String model) throws IOException {
        return PromptEncoder.load(Golden.model(model), CPU, FP32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sdxl"})
    void eachWindowIsEncodedAsAPromptOfItsOwn(String model) throws IOException {
        try (PromptEncoder encoder = encoder(model)) {
            int room = encoder.length() - 2;
            int each = encoder.tokenizer().words("a").length;
            String first = "a ".repeat(room / each).strip();
            String prompt = first + " dog dog";
            int used = encoder.tokenizer().words(first).length;
            assertThat(used).isEqualTo(room);

            List<TextStates> whole = LongPrompts.encode(encoder, List.of(prompt, "dog"), 3, 0);
            List<TextStates> alone = encoder.encode(List.of(first, "dog dog", "", "dog"), 0);

            assertThat(whole.get(0).tokens()).isEqualTo(3 * encoder.length());
            for (int window = 0; window < 3; window++) {
                same(whole.get(0), window, alone.get(window));
            }
            same(whole.get(1), 0, alone.get(3));
            same(whole.get(1), 1, alone.get(2));
            assertThat(Golden.relativeError(whole.get(0).pooled(), alone.get(0).pooled()))
                    .isLessThan(1e-5);
        }
    }

    private static void same(TextStates whole, int window, TextStates alone) {
        int size = alone.states().length;
        float[] part = Arrays.copyOfRange(whole.states(), window * size, (window + 1) * size);
        assertThat(Golden.relativeError(part, alone.states())).isLessThan(1e-5);
    }

    @Test
    void oneWindowIsWhatAnyPromptGets() throws IOException {
        try (PromptEncoder encoder = encoder("sd1")) {
            TextStates one = LongPrompts.encode(encoder, List.of("a cat"), 1, 0).get(0);
            assertThat(one.states())
                    .isEqualTo(encoder.encode(List.of("a cat"), 0).get(0).states());
            assertThatThrownBy(() -> LongPrompts.encode(encoder, List.of("a cat"), 0, 0))
                    .hasMessageContaining("at least 1 window");
        }
    }
}
