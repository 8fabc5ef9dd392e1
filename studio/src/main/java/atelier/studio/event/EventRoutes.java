package atelier.studio.event;

import atelier.studio.server.BusyException;
import atelier.studio.server.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/events}: events as they happen, until either side ends. */
public final class EventRoutes implements Routes {
    /** A line that says nothing keeps the connection, and finds out that the other side has gone. */
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private static final byte[] RETRY = "retry: 2000\n\n".getBytes(StandardCharsets.UTF_8);
    private static final long HEARTBEAT_MS = 2_000;
    private static final long LOOK_MS = 500;

    private final Events events;

    public EventRoutes(Events events) {
        this.events = events;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/v1/events", this::send);
    }

    private void send(Context context) throws IOException, InterruptedException {
        Listener listener = events.listen(after(context.header("Last-Event-ID")));
        if (listener == null) {
            throw new BusyException(
                    "/api/v1/events", Events.MOST_LISTENERS + " pages listen already", "close one of them");
        }
        try (listener) {
            context.res().setContentType("text/event-stream");
            context.res().setCharacterEncoding("UTF-8");
            ServletOutputStream out = context.res().getOutputStream();
            out.write(RETRY);
            out.flush();
            send(listener, out);
        } catch (IOException e) {
            // The page was closed.
            return;
        }
    }

    private static void send(Listener listener, ServletOutputStream out) throws IOException, InterruptedException {
        long silent = 0;
        while (listener.isOpen()) {
            Event event = listener.next(LOOK_MS);
            if (event != null) {
                out.write(event.bytes());
                out.flush();
                silent = 0;
            } else if ((silent += LOOK_MS) >= HEARTBEAT_MS) {
                out.write(HEARTBEAT);
                out.flush();
                silent = 0;
            }
        }
    }

    private static long after(@Nullable String id) {
        return id != null && id.matches("\\d{1,18}") ? Long.parseLong(id) : 0;
    }
}
