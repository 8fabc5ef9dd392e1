package atelier.studio.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far the evaluation of a run is, as its process and its report say. */
public enum EvaluationState {
    /** Never asked for. */
    NONE("not evaluated yet"),
    WAITING("waiting for its turn"),
    RUNNING("being evaluated"),
    STOPPING("stopping"),
    STOPPED("stopped"),
    FAILED("failed"),
    /** Its report is there. */
    DONE("evaluated");

    private final String word;

    EvaluationState(String word) {
        this.word = word;
    }

    /** For people. */
    public String word() {
        return word;
    }

    /** Whether a process works on it. */
    public boolean isRunning() {
        return switch (this) {
            case RUNNING, STOPPING -> true;
            case NONE, WAITING, STOPPED, FAILED, DONE -> false;
        };
    }

    /** For programs. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
