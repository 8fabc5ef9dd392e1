package atelier.trainer.state;

import java.util.List;
import java.util.OptionalLong;

/**
 * Which saved states stay: the latest, every so many steps', and the best.
 *
 * @param last how many of the latest stay
 * @param every states of steps that are multiples of it stay; 0 for none
 * @param best the step with the least validation loss
 */
public record Retention(int last, int every, OptionalLong best) {
    /** Those of the saved steps, earliest first, that may go. */
    List<Long> surplus(List<Long> saved) {
        List<Long> older = saved.subList(0, Math.max(0, saved.size() - last));
        return older.stream()
                .filter(step -> every == 0 || step % every != 0)
                .filter(step -> best.isEmpty() || best.getAsLong() != step)
                .toList();
    }
}
