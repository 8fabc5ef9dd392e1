package atelier.common.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InternedValuesTest {
    @Test
    void aValueThatRepeatsIsWorkedOutOnce() {
        AtomicInteger made = new AtomicInteger();
        InternedValues<String, Integer> lengths = new InternedValues<>(text -> {
            made.incrementAndGet();
            return text.length();
        });
        assertThat(lengths.of("four")).isEqualTo(4);
        assertThat(lengths.of("four")).isEqualTo(4);
        assertThat(lengths.of("five.")).isEqualTo(5);
        assertThat(made).hasValue(2);
    }

    @Test
    void moreValuesThanItRemembersAreWorkedOutAllTheSame() {
        InternedValues<Integer, String> texts = new InternedValues<>(value -> Integer.toString(value));
        for (int value = 0; value < 100_100; value++) {
            texts.of(value);
            texts.of(value);
        }
        assertThat(texts.of(7)).isSameAs(texts.of(7));
        assertThat(texts.of(100_050)).isEqualTo("100050").isNotSameAs(texts.of(100_050));
    }

    @Test
    void whereHardlyAValueRepeatsNoneIsLookedForAnyMore() {
        InternedValues<Integer, String> texts = new InternedValues<>(value -> Integer.toString(value));
        String first = texts.of(1000);
        assertThat(texts.of(1000)).isSameAs(first);
        for (int value = 1001; value < 30_000; value++) {
            texts.of(value);
        }
        assertThat(texts.of(1000)).isEqualTo("1000").isNotSameAs(first);
    }
}
