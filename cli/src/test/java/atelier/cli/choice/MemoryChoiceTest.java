package atelier.cli.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Row 10: the fastest that free memory allows. */
class MemoryChoiceTest {
    private static final List<MemoryChoice> ALL =
            MemoryChoice.all(List.of("all", "fine", "none"), List.of(false, true));

    private static long need(MemoryChoice choice) {
        long layouts = Map.of("all", 40L, "fine", 30L, "none", 20L).get(choice.prepack());
        return layouts + (choice.checkpointing() ? 10 : 60);
    }

    private static MemoryChoice with(long free) {
        return MemoryChoice.first(ALL, MemoryChoiceTest::need, free);
    }

    @Test
    void theFastestThatFitsIsChosenAndSomeMemoryStaysFree() {
        assertThat(with(120)).isEqualTo(new MemoryChoice("all", false));
        assertThat(with(110)).isEqualTo(new MemoryChoice("fine", false));
        assertThat(with(100)).isEqualTo(new MemoryChoice("none", false));
        assertThat(with(90)).isEqualTo(new MemoryChoice("all", true));
        assertThat(with(36)).isEqualTo(new MemoryChoice("none", true));
    }

    @Test
    void whereNothingFitsTheLeastIsChosenAndWhereNothingIsKnownTheFastest() {
        assertThat(with(5)).isEqualTo(new MemoryChoice("none", true));
        assertThat(with(0)).isEqualTo(new MemoryChoice("all", false));
    }
}
