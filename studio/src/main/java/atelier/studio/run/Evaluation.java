package atelier.studio.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The evaluation of a run in a line: the one that waits or works, else the last.
 *
 * @param name the run's
 * @param word the state in words
 * @param message why it failed, what it found amiss, or what it is doing; null where there is nothing to say
 * @param percent of its work that is done; null where that is not known
 * @param ends when it will be done; null unless that is known
 * @param report when the report that is there was written; null for none
 */
public record Evaluation(
        String name,
        EvaluationState state,
        String word,
        @Nullable String message,
        @Nullable Integer percent,
        @Nullable Instant ends,
        @Nullable Instant report) {
    static Evaluation of(String name, EvaluationState state, @Nullable String message, @Nullable Instant report) {
        return new Evaluation(name, state, state.word(), message, null, null, report);
    }

    Evaluation at(int done, @Nullable Instant end) {
        return new Evaluation(name, state, word, message, done, end, report);
    }
}
