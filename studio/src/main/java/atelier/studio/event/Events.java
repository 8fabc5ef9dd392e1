package atelier.studio.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes events and gives them to all who listen. The last {@value #KEPT} are kept for whoever was away; who was away for
 * longer gets the event {@code reset} first, and looks at everything anew. Safe for use by several threads; whoever
 * publishes never waits for a listener.
 */
public final class Events {
    static final int KEPT = 1000;
    static final int MOST_LISTENERS = 32;
    private static final String RESET = "reset";

    private final Deque<Event> kept = new ArrayDeque<>();
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private long last;
    private boolean closed;

    public Events() {
        // Later than every id of an earlier start, unless that published a thousand events a millisecond.
        this.last = System.currentTimeMillis() * 1000;
    }

    /** Tells all who listen. */
    public synchronized void publish(String type, JsonNode data) {
        Event event = new Event(++last, type, data);
        kept.addLast(event);
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
        listeners.forEach(listener -> listener.offer(event));
    }

    /** The last events, earliest first. */
    public synchronized List<Event> kept() {
        return List.copyOf(kept);
    }

    /** Whether anybody listens. */
    public boolean isHeard() {
        return !listeners.isEmpty();
    }

    /**
     * Begins to listen.
     *
     * @param after the id of the last event that was heard; 0 for none, to hear of what comes only
     * @return null where too many listen already
     */
    synchronized @Nullable Listener listen(long after) {
        if (closed || listeners.size() >= MOST_LISTENERS) {
            return null;
        }
        Listener listener = new Listener(this);
        if (after > 0) {
            missed(after).forEach(listener::offer);
        }
        listeners.add(listener);
        return listener;
    }

    private List<Event> missed(long after) {
        List<Event> missed = new ArrayList<>();
        Event first = kept.peekFirst();
        boolean gap = after > last || (first == null ? after < last : after < first.id() - 1);
        if (gap) {
            missed.add(new Event(last, RESET, JsonNodeFactory.instance.objectNode()));
            return missed;
        }
        for (Event event : kept) {
            if (event.id() > after) {
                missed.add(event);
            }
        }
        return missed;
    }

    void remove(Listener listener) {
        listeners.remove(listener);
    }

    /** Lets all listeners go. */
    public synchronized void close() {
        closed = true;
        listeners.forEach(Listener::close);
        listeners.clear();
    }
}
