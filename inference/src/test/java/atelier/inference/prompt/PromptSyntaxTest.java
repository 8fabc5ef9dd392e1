package atelier.inference.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.inference.prompt.PromptAttention.Part;
import atelier.inference.prompt.PromptChunks.Chunk;
import atelier.inference.prompt.PromptChunks.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples that AUTOMATIC1111 publishes with its parser, and what follows from its rules. */
class PromptSyntaxTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '"',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "normal text#normal text=1.0",
                "an (important) word#an =1.0|important=1.1| word=1.0",
                "(unbalanced#unbalanced=1.1",
                "\\(literal\\]#(literal]=1.0",
                "(unnecessary)(parens)#unnecessaryparens=1.1",
                "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).#a =1.0|house=1.573| =1.1|on=1.0| a =1.1|hill=0.55"
                        + "|, sun, =1.1|sky=1.4641|.=1.1",
                "[less]#less=0.9090909",
                "word:1.3#word:1.3=1.0",
                "#=1.0"
            })
    void bracketsWeighTheirWords(String prompt, String expected) {
        List<Part> parts = PromptAttention.parse(prompt == null ? "" : prompt);
        String[] pairs = expected.split("\\|");
        assertThat(parts).hasSize(pairs.length);
        for (int i = 0; i < pairs.length; i++) {
            int equals = pairs[i].lastIndexOf('=');
            assertThat(parts.get(i).text()).isEqualTo(pairs[i].substring(0, equals));
            assertThat(parts.get(i).weight())
                    .isCloseTo(Double.parseDouble(pairs[i].substring(equals + 1)), within(1e-6));
        }
    }

    @Test
    void breakStandsBetweenItsNeighbours() {
        assertThat(PromptAttention.parse("a BREAK b"))
                .containsExactly(new Part("a", 1, false), new Part("", 1, true), new Part("b", 1, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '"',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "test#10=test",
                "a [b:3]#3=a ;10=a b",
                "a [b: 3]#3=a ;10=a b",
                "a [[[b]]:2]#2=a ;10=a [[b]]",
                "[(a:2):3]#3=;10=(a:2)",
                "a [b : c : 1] d#1=a b  d;10=a  c  d",
                "a[b:[c:d:2]:1]e#1=abe;2=ace;10=ade",
                "a [unbalanced#10=a [unbalanced",
                "a [b:.5] c#5=a  c;10=a b c",
                "a [{b|d{:.5] c#5=a  c;10=a {b|d{ c",
                "((a][:b:c [d:3]#3=((a][:b:c ;10=((a][:b:c d",
                "[a|(b:1.1)]#1=a;2=(b:1.1);3=a;4=(b:1.1);5=a;6=(b:1.1);7=a;8=(b:1.1);9=a;10=(b:1.1)",
                "[fe|]male#1=female;2=male;3=female;4=male;5=female;6=male;7=female;8=male;9=female;10=male",
                "[fe|||]male#1=female;2=male;3=male;4=male;5=female;6=male;7=male;8=male;9=female;10=male"
            })
    void schedulesChangeTheWords(String prompt, String expected) {
        List<String> spans = PromptSchedule.of(prompt, 10).spans().stream()
                .map(span -> span.until() + "=" + span.text())
                .toList();
        assertThat(spans).containsExactly(expected.split(";"));
    }

    @Test
    void aTextHoldsUpToAndWithItsStepCountedFromZero() {
        PromptSchedule schedule = PromptSchedule.of("[a:b:3]", 10);
        assertThat(schedule.textAt(0)).isEqualTo("a");
        assertThat(schedule.textAt(3)).isEqualTo("a");
        assertThat(schedule.textAt(4)).isEqualTo("b");
        assertThat(schedule.textAt(9)).isEqualTo("b");
    }

    @Test
    void weightsReachTheirTokensAlone() {
        List<Chunk> chunks = PromptChunks.of("a (b:1.5) c", letters(77));
        assertThat(chunks).hasSize(1);
        assertThat(chunks.get(0).ids()).startsWith(-1, 'a', 'b', 'c', -2, -3).hasSize(77);
        assertThat(chunks.get(0).weights()).startsWith(1, 1, 1.5f, 1, 1, 1).hasSize(77);
    }

    @Test
    void longPromptsGoOnInTheNextWindow() {
        List<Chunk> chunks = PromptChunks.of("abcdefghij", letters(6));
        assertThat(chunks).hasSize(3);
        assertThat(chunks.get(0).ids()).containsExactly(-1, 'a', 'b', 'c', 'd', -2);
        assertThat(chunks.get(1).ids()).containsExactly(-1, 'e', 'f', 'g', 'h', -2);
        assertThat(chunks.get(2).ids()).containsExactly(-1, 'i', 'j', -2, -3, -3);
    }

    @Test
    void aPhraseBehindTheLastCommaMovesOnAsAWhole() {
        List<Chunk> chunks = PromptChunks.of("ab,cdef", letters(7));
        assertThat(chunks.get(0).ids()).containsExactly(-1, 'a', 'b', ',', -2, -3, -3);
        assertThat(chunks.get(1).ids()).containsExactly(-1, 'c', 'd', 'e', 'f', -2, -3);
    }

    @Test
    void breakEndsAWindow() {
        List<Chunk> chunks = PromptChunks.of("ab BREAK c", letters(6));
        assertThat(chunks.get(0).ids()).containsExactly(-1, 'a', 'b', -2, -3, -3);
        assertThat(chunks.get(1).ids()).containsExactly(-1, 'c', -2, -3, -3, -3);
    }

    @Test
    void anEmptyPromptIsOneWindow() {
        assertThat(PromptChunks.of("", letters(5)).get(0).ids()).containsExactly(-1, -2, -3, -3, -3);
    }

    @Test
    void weighedStatesKeepTheirMean() {
        float[] states = {1, 2, 3, 4};
        Emphasis.apply(states, new float[] {1, 2});
        // Multiplied: 1 2 6 8, mean 4.25 instead of 2.5.
        float factor = 2.5f / 4.25f;
        assertThat(states).containsExactly(new float[] {factor, 2 * factor, 6 * factor, 8 * factor}, within(1e-6f));
    }

    @Test
    void weightsOfOneChangeNothing() {
        float[] states = {0.1f, -0.3f};
        Emphasis.apply(states, new float[] {1, 1});
        assertThat(states).containsExactly(0.1f, -0.3f);
    }

    /** Every letter and comma is a token; spaces are none. */
    private static Tokens letters(int length) {
        return new Tokens(
                text -> {
                    List<Integer> ids = new ArrayList<>();
                    text.chars().filter(c -> c != ' ').forEach(ids::add);
                    return ids.stream().mapToInt(Integer::intValue).toArray();
                },
                -1,
                -2,
                -3,
                length);
    }
}
