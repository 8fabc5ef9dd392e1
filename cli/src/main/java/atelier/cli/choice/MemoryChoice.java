package atelier.cli.choice;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What takes more memory for less time, or less for more.
 *
 * @param prepack as model.prepack has it
 * @param checkpointing as train.gradient_checkpointing has it
 */
record MemoryChoice(String prepack, boolean checkpointing) {
    /** What may be taken of the memory that is free. */
    private static final double SHARE = 0.85;

    /** All of them, fastest first; the last takes least. */
    static List<MemoryChoice> all(List<String> prepacks, List<Boolean> checkpointing) {
        List<MemoryChoice> all = new ArrayList<>();
        for (boolean again : checkpointing) {
            for (String prepack : prepacks) {
                all.add(new MemoryChoice(prepack, again));
            }
        }
        return all;
    }

    /**
     * The first that fits, or the last.
     *
     * @param need bytes that one takes
     * @param free bytes; 0 where the system does not say
     */
    static MemoryChoice first(List<MemoryChoice> all, ToLongFunction<MemoryChoice> need, long free) {
        return all.stream()
                .filter(each -> free == 0 || need.applyAsLong(each) <= SHARE * free)
                .findFirst()
                .orElseGet(() -> all.get(all.size() - 1));
    }
}
