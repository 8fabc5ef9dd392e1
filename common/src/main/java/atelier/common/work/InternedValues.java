package atelier.common.work;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Remembers what was made of values that repeat over many rows: creators, licences, addresses. Beyond a number of values
 * no more are remembered, so that a list in which none repeats costs no memory. Safe for use by several threads.
 *
 * @param <K> the values
 * @param <V> what is made of them
 */
public final class InternedValues<K, V> {
    private static final int MAX_REMEMBERED = 100_000;

    private final Function<K, V> maker;
    private final Map<K, V> known = new ConcurrentHashMap<>();

    /** @param maker what it makes of a value depends on the value alone */
    public InternedValues(Function<K, V> maker) {
        this.maker = maker;
    }

    /** What is made of a value: the same object each time, as far as it is remembered. */
    public V of(K value) {
        V before = known.get(value);
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
