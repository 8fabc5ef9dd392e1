package atelier.studio.draw;

/** So many drawings wait that no more are taken; programs that asked may ask again later. */
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    QueueFullException(int waiting) {
        super(waiting + " drawings wait already; ask again once one is done, or interrupt one");
    }
}
