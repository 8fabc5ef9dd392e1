package atelier.inference.request;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** The seed -1, which stands for any: one is drawn, and recorded as if it had been given. */
final class RandomSeed {
    private static final long ANY = -1;
    /** Web interfaces draw seeds of 32 bits, and cannot be given longer ones. */
    private static final long SEEDS = 1L << 32;

    private RandomSeed() {}

    /**
     * The seed itself, or a random one for -1.
     *
     * @param place what says it, for the message
     * @param notices hears which seed was drawn
     */
    static long of(long seed, String place, Consumer<String> notices) {
        if (seed != ANY) {
            return seed;
        }
        long drawn = ThreadLocalRandom.current().nextLong(SEEDS);
        notices.accept(place + ": seed -1 stands for a random one; this time it is " + drawn);
        return drawn;
    }
}
