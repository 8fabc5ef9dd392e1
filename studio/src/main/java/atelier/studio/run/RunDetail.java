package atelier.studio.run;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All about a run but its figures, samples and verdicts, which may be many.
 *
 * @param settings every key with its value, as one would type it
 * @param choices the groups' options
 * @param overrides the words that it was started with
 * @param command a command line that asks for the same again
 * @param resumable whether {@code train resume=} has a state to go on from
 * @param savedSteps steps whose state is there, earliest first
 * @param files what it left to be taken away
 * @param withheld why the audit keeps it back; null where it does not
 * @param report whether there is an evaluation's report
 * @param log the end of what it said
 */
public record RunDetail(
        RunSummary summary,
        Map<String, String> settings,
        Map<String, List<String>> choices,
        List<String> overrides,
        String command,
        boolean resumable,
        List<Long> savedSteps,
        List<Product> files,
        @Nullable String withheld,
        boolean report,
        String log) {
    /**
     * A file, or a folder of a model.
     *
     * @param name within the run's folder
     * @param bytes of the file; 0 for a folder
     * @param use what it is, and what loads it
     */
    public record Product(String name, long bytes, String use) {}
}
