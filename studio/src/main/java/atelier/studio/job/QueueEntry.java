package atelier.studio.job;

import java.time.Instant;
import java.util.List;

/**
 * A job that waits for those before it.
 *
 * @param id of the entry
 * @param kind what it does
 * @param name of the run that it is done with
 * @param changes the words of its command line
 * @param queued when
 */
public record QueueEntry(String id, JobKind kind, String name, List<String> changes, Instant queued) {
    /** Whether it is this run's job of this kind. */
    public boolean is(JobKind wanted, String run) {
        return kind == wanted && name.equals(run);
    }
}
