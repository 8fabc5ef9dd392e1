package atelier.studio.draw;

import java.util.Locale;

/** How far a drawing is. */
public enum DrawingState {
    /** Others are drawn first. */
    QUEUED,
    /** A run trains or is evaluated; it is drawn once that has ended. */
    WAITING,
    /** The model and its adapters are loaded. */
    LOADING,
    DRAWING,
    /** All pictures are there. */
    DONE,
    /** It was stopped; the pictures that were finished are there. */
    INTERRUPTED,
    FAILED;

    /** Whether nothing more will come. */
    public boolean ended() {
        return switch (this) {
            case QUEUED, WAITING, LOADING, DRAWING -> false;
            case DONE, INTERRUPTED, FAILED -> true;
        };
    }

    /** The name in JSON. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
