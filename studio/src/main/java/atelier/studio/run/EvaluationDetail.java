package atelier.studio.run;

import org.jspecify.annotations.Nullable;

/**
 * All about the evaluation of a run.
 *
 * @param obstacle why none can be started; null where one can
 * @param queueId of the entry with which it waits; null where it does not
 * @param command the command line of the one that waits, works or ended last, or of one with nothing changed
 * @param log the end of what it said
 */
public record EvaluationDetail(
        Evaluation evaluation,
        @Nullable String obstacle,
        @Nullable String queueId,
        String command,
        String log) {}
