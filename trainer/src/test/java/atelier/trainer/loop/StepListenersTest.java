package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StepListenersTest {
    private final List<String> calls = new ArrayList<>();

    private final class Named implements StepListener {
        private final String name;
        private final boolean over;

        Named(String name, boolean over) {
            this.name = name;
            this.over = over;
        }

        @Override
        public Map<String, Double> measure(long step, boolean last) {
            calls.add(name + " measures " + step);
            return Map.of(name, (double) step);
        }

        @Override
        public void after(FinishedStep step) {
            calls.add(name + " acts " + step.number());
        }

        @Override
        public void interrupted(long step) {
            calls.add(name + " is interrupted " + step);
        }

        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public Optional<String> kept() {
            return over ? Optional.of(name) : Optional.empty();
        }
    }

    @Test
    void eachIsCalledInTheOrderOfTheList() throws Exception {
        StepListeners both = new StepListeners(List.of(new Named("a", false), new Named("b", true)));
        Map<String, Double> figures = both.measure(3, false);
        assertThat(figures.keySet()).containsExactly("a", "b");
        both.after(new StepListener.FinishedStep(3, figures, false));
        both.interrupted(3);
        assertThat(calls)
                .containsExactly(
                        "a measures 3",
                        "b measures 3",
                        "a acts 3",
                        "b acts 3",
                        "a is interrupted 3",
                        "b is interrupted 3");
    }

    @Test
    void oneThatIsOverEndsTheRunAndOneThatKeepsSomethingSaysSo() {
        StepListener both = new StepListeners(List.of(new Named("a", false), new Named("b", true)));
        assertThat(both.isOver()).isTrue();
        assertThat(both.kept()).contains("b");
        assertThat(new StepListeners(List.of()).isOver()).isFalse();
    }
}
