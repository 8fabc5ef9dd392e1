package atelier.trainer.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final List<Long> SAVED = List.of(10L, 20L, 25L, 30L, 40L, 50L);

    @Test
    void theLatestStay() {
        assertThat(new Retention(2, 0, OptionalLong.empty()).surplus(SAVED)).containsExactly(10L, 20L, 25L, 30L);
        assertThat(new Retention(9, 0, OptionalLong.empty()).surplus(SAVED)).isEmpty();
    }

    @Test
    void multiplesAndTheBestStayToo() {
        assertThat(new Retention(1, 20, OptionalLong.of(25)).surplus(SAVED)).containsExactly(10L, 30L);
    }
}
