package atelier.studio.event;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One who listens; who does not keep up is let go, and comes back with the id of the last event that was heard. */
final class Listener implements AutoCloseable {
    private static final int WAITING = Events.KEPT + 64;

    private final BlockingQueue<Event> waiting = new LinkedBlockingQueue<>(WAITING);
    private final Events events;
    private volatile boolean open = true;

    Listener(Events events) {
        this.events = events;
    }

    void offer(Event event) {
        if (!waiting.offer(event)) {
            close();
        }
    }

    /** The next event, or null where none has come for that long. */
    @Nullable
    Event next(long milliseconds) throws InterruptedException {
        return waiting.poll(milliseconds, TimeUnit.MILLISECONDS);
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        events.remove(this);
    }
}
