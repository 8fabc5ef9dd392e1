package atelier.common.work;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Remembers what was made of values that repeat over many rows: creators, licences, addresses. Beyond a number of values
 * no more are remembered, and where hardly one of these repeats none is looked for any more: a list in which none repeats
 * costs neither memory nor time. Safe for use by several threads.
 *
 * @param <K> the values
 * @param <V> what is made of them
 */
public final class InternedValues<K, V> {
    private static final int MAX_REMEMBERED = 100_000;
    /** After so many values it is decided whether they repeat. */
    private static final int TRIED = 20_000;

    private static final int WORTH_LOOKING = 16;

    private final Function<K, V> maker;
    private final Map<K, V> known = new ConcurrentHashMap<>();
    /** Counts that other threads may miss: they decide about time alone. */
    private int asked;

    private int repeated;
    private boolean idle;

    /** @param maker what it makes of a value depends on the value alone */
    public InternedValues(Function<K, V> maker) {
        this.maker = maker;
    }

    /** What is made of a value: the same object each time, as far as it is remembered. */
    public V of(K value) {
        if (idle) {
            return maker.apply(value);
        }
        V before = known.get(value);
        if (asked < TRIED) {
            asked++;
            repeated += before == null ? 0 : 1;
            if (asked == TRIED && repeated < TRIED / WORTH_LOOKING) {
                idle = true;
                known.clear();
            }
        }
        if (before != null) {
            return before;
        }
        V made = maker.apply(value);
        if (known.size() < MAX_REMEMBERED) {
            V other = known.putIfAbsent(value, made);
            return other == null ? made : other;
        }
        return made;
    }
}
