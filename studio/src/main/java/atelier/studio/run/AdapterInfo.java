package atelier.studio.run;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An adapter to draw with, by what its file says of itself.
 *
 * @param run whose it is
 * @param file its place in the folder of all runs: demo/adapter.safetensors
 * @param trigger the word that captions began with; empty for none
 * @param base what it was trained on, in words; empty where the file does not say
 * @param method lora, dora and so on
 * @param rank 0 where the file does not say
 * @param saved steps whose adapter lies beside their state, earliest first; for the run's own adapter only
 * @param steps that it was trained for; null where the file does not say
 * @param resolution of its pictures, such as 512x512
 * @param blocks layers by block of the network
 * @param licences of the pictures, with how many there are of each
 * @param credits whether credits.md lies in the run's folder
 */
public record AdapterInfo(
        String run,
        String file,
        String title,
        String trigger,
        String base,
        String method,
        int rank,
        double alpha,
        List<Long> saved,
        @Nullable Long steps,
        String resolution,
        List<Block> blocks,
        Map<String, Integer> licences,
        String author,
        String description,
        String licence,
        boolean credits,
        long bytes,
        Instant changed) {
    AdapterInfo with(List<Long> savedSteps) {
        return new AdapterInfo(
                run,
                file,
                title,
                trigger,
                base,
                method,
                rank,
                alpha,
                savedSteps,
                steps,
                resolution,
                blocks,
                licences,
                author,
                description,
                licence,
                credits,
                bytes,
                changed);
    }

    /** How many layers an adapter changes in a block. */
    public record Block(String name, int layers) {}
}
