package atelier.inference.prompt;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainPromptsTest {
    private static void require(String prompt) {
        PlainPrompts.require("sample.prompts", List.of("a dog", prompt));
    }

    @Test
    void whatIsChosenOrLoadedBeforeDrawingIsRefusedByName() {
        assertThatThrownBy(() -> require("a cat <lora:style:0.8>"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("sample.prompts: 'a cat <lora:style:0.8>' has <lora:style:0.8>");
        assertThatThrownBy(() -> require("a {red|blue} cat")).hasMessageContaining("leaves a choice");
        assertThatThrownBy(() -> require("a __animals__")).hasMessageContaining("leaves a choice");
        assertThatThrownBy(() -> require("a cat AND a dog")).hasMessageContaining("has AND");
    }

    @Test
    void weightsAndSchedulesAreDrawn() {
        assertThatCode(() -> require("a (cat:1.2) [in a hat:0.5] BREAK Andrew, A<B"))
                .doesNotThrowAnyException();
    }
}
