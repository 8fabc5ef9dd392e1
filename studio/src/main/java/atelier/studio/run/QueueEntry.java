package atelier.studio.run;

import java.time.Instant;
import java.util.List;

/**
 * A run that waits for those before it.
 *
 * @param id of the entry
 * @param name the run's
 * @param changes the words of its command line
 * @param queued when
 */
public record QueueEntry(String id, String name, List<String> changes, Instant queued) {}
