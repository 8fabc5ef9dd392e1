package atelier.studio.check;

import atelier.studio.run.LedgerRow;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run would be.
 *
 * @param ok whether it can be started
 * @param problems all that is wrong with the settings
 * @param refused why consent or licence forbids the run as a whole; null where it does not
 * @param command the exact command line; empty where the settings cannot be composed
 * @param name the run's
 * @param counts pictures by verdict; null where they were not judged
 * @param left what is not trained on, with what could be done
 * @param notes what the program chose and why, a line each
 * @param size what the run is and takes; null where that is not known
 */
public record CheckResult(
        boolean ok,
        List<Wrong> problems,
        @Nullable String refused,
        String command,
        String name,
        @Nullable Map<String, Long> counts,
        List<LeftOut> left,
        List<String> notes,
        @Nullable Size size) {
    /**
     * Something that is wrong with the settings.
     *
     * @param key the key that it is about; null where it is about none
     */
    public record Wrong(@Nullable String key, String place, String fact, String remedy) {}

    /** A picture that is not trained on. */
    public record LeftOut(LedgerRow row, String remedy) {}

    /**
     * What a run is and takes.
     *
     * @param steps of the optimiser
     * @param picturesPerStep that each sees
     * @param epochs how often each picture is shown
     * @param memoryBytes of the machine's memory, or a card's; estimated
     * @param onCard whether it is a card's
     * @param freeMemoryBytes 0 where the system does not say
     * @param diskBytes that it leaves; estimated
     * @param seconds that it takes, by the latest run of like settings on this machine; null where there is none
     * @param like that run's name
     */
    public record Size(
            long steps,
            int picturesPerStep,
            double epochs,
            long memoryBytes,
            boolean onCard,
            long freeMemoryBytes,
            long diskBytes,
            @Nullable Double seconds,
            @Nullable String like) {}
}
