package atelier.studio.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run in a line.
 *
 * @param name its folder's, within run.dir
 * @param word the state in words
 * @param reason why it failed, stopped or was kept back; null where there is nothing to say
 * @param step the last that was made; 0 before the first
 * @param steps that it is to make; 0 where that is not known
 * @param ends when it will have made them, by the last steps' times; null unless it trains
 * @param changed when the folder last changed
 * @param loss smoothed, of the last step
 * @param validation the last validation's loss
 * @param validationStep the step of it; 0 for none
 * @param sample the latest grid's file name in samples/; null for none
 * @param adapter whether there is an adapter to draw with
 */
public record RunSummary(
        String name,
        RunState state,
        String word,
        @Nullable String reason,
        long step,
        long steps,
        @Nullable Instant ends,
        Instant changed,
        @Nullable Double loss,
        @Nullable Double validation,
        long validationStep,
        @Nullable String sample,
        boolean adapter) {
    RunSummary with(RunState now, @Nullable String why) {
        return new RunSummary(
                name,
                now,
                now.word(),
                why,
                step,
                steps,
                ends,
                changed,
                loss,
                validation,
                validationStep,
                sample,
                adapter);
    }

    /** A run that has no folder yet, or never got one. */
    static RunSummary of(String name, RunState state, @Nullable String reason, Instant changed) {
        return new RunSummary(name, state, state.word(), reason, 0, 0, null, changed, null, null, 0, null, false);
    }
}
