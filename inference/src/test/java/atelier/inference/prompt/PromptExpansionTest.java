package atelier.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 34: tags, choices and AND in prompts. */
class PromptExpansionTest {
    @TempDir
    private Path folder;

    private String drawn(long seed, String prompt) throws IOException {
        return new PromptExpansion(folder)
                .of(seed, "the prompt", prompt, "")
                .get(0)
                .text();
    }

    private Set<String> drawn(String prompt) throws IOException {
        Set<String> all = new TreeSet<>();
        for (long seed = 0; seed < 60; seed++) {
            all.add(drawn(seed, prompt));
        }
        return all;
    }

    @Test
    void tagsAreTakenOutOfTheWords() throws IOException {
        List<PromptExpansion.Expanded> texts =
                new PromptExpansion(null).of(1, "the prompt", "a fox <lora:ink pen:0.8:1>, <mine> snow <lyco:b>", "");
        assertThat(texts.get(0).text()).isEqualTo("a fox , <mine> snow");
        assertThat(texts.get(0).tags())
                .containsExactly(
                        new PromptTag("lora", List.of("ink pen", "0.8", "1")), new PromptTag("lyco", List.of("b")));
    }

    @Test
    void theSeedChoosesAmongWords() throws IOException {
        assertThat(drawn(3, "a {red|blue} fox")).isEqualTo(drawn(3, "a {red|blue} fox"));
        assertThat(drawn("a {red|blue} fox")).containsExactly("a blue fox", "a red fox");
        assertThat(drawn("{a|{b|c}}{|d}")).containsExactly("a", "ad", "b", "bd", "c", "cd");
        assertThat(drawn("{0::a|3::b}")).containsExactly("b");
        assertThat(drawn("{[a|b]|c}")).containsExactly("[a|b]", "c");
    }

    @Test
    void seedsSideBySideChooseEvenly() throws IOException {
        int red = 0;
        for (long seed = 0; seed < 1000; seed++) {
            red += drawn(seed, "{red|blue}").equals("red") ? 1 : 0;
        }
        assertThat(red).isBetween(440, 560);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a}", "a {b", "a | b}", "(a:1.2) \\(b\\) [c|d] [e:f:3]", "snake__", "a_b_c", "SAND"})
    void whatIsNoChoiceStaysAsItIs(String prompt) throws IOException {
        assertThat(drawn(1, prompt)).isEqualTo(prompt);
    }

    @Test
    void aBackslashTakesABraceLiterally() throws IOException {
        assertThat(drawn("\\{a|b\\}")).containsExactly("{a|b}");
    }

    @Test
    void wildcardsAreLinesOfFiles() throws IOException {
        Files.writeString(folder.resolve("colour.txt"), "\uFEFFred\n\n# none\nblue\n");
        Path deep = Files.createDirectories(folder.resolve("animals"));
        Files.writeString(deep.resolve("cats.txt"), "{lion|lynx}, __colour__\n");
        assertThat(drawn("a __colour__ fox")).containsExactly("a blue fox", "a red fox");
        assertThat(drawn("__animals/cats__")).containsExactly("lion, blue", "lion, red", "lynx, blue", "lynx, red");
        assertThat(drawn("__cats__")).isEqualTo(drawn("__animals/cats__"));
        assertThat(drawn(1, "__colour__-__colour__")).matches("(red|blue)-(red|blue)");
    }

    @Test
    void aWildcardThatIsNotThereIsNamedWithThoseNearIt() throws IOException {
        Files.writeString(folder.resolve("colours.txt"), "red\n");
        Files.writeString(folder.resolve("round.txt"), "__round__\n");
        Files.writeString(folder.resolve("empty.txt"), "\n");
        assertThatThrownBy(() -> drawn(1, "__colour__"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("the prompt names the wildcard __colour__")
                .hasMessageContaining("near it are colours");
        assertThatThrownBy(() -> drawn(1, "__round__")).hasMessageContaining("in a circle");
        assertThatThrownBy(() -> drawn(1, "__empty__")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> new PromptExpansion(null).of(1, "the prompt", "__colour__", ""))
                .hasMessageContaining("wildcards.dir=FOLDER");
    }

    @Test
    void whatCannotBeDoneIsAnError() {
        assertThatThrownBy(() -> drawn(1, "a fox AND a crow"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("the prompt has AND");
        assertThatThrownBy(() -> drawn(1, "{2$$a|b|c}")).hasMessageContaining("($$)");
        assertThatThrownBy(() -> new PromptExpansion(null).of(1, "the prompt", "a", "<lora:x:1>"))
                .hasMessageContaining("<lora:x:1> in its negative prompt");
    }

    @Test
    void promptsJoinedByAndBecomeOneWithoutTheirWeights() {
        assertThat(PromptExpansion.joined("a (red:1.2) fox :0.5 AND a crow:1.2"))
                .isEqualTo("a (red:1.2) fox, a crow");
        assertThat(List.of("a {b|c}", "__x__", "a {b}").stream()
                        .map(PromptExpansion::chooses)
                        .collect(Collectors.toList()))
                .containsExactly(true, true, false);
    }
}
