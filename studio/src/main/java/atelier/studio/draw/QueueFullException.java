package atelier.studio.draw;

import io.javalin.http.ServiceUnavailableResponse;

/** So many drawings wait that no more are taken; programs that asked may ask again later. */
public final class QueueFullException extends ServiceUnavailableResponse {
    private static final long serialVersionUID = 1;

    QueueFullException(int waiting) {
        super("the queue: " + waiting + " drawings wait already; ask again once one is done, or stop one");
    }
}
