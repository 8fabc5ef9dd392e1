package atelier.studio.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a run is doing, as its process and its folder say. */
public enum RunState {
    /** Its process reads, judges and encodes; the first step has not come yet. */
    PREPARING("getting ready"),
    TRAINING("training"),
    /** It was asked to stop, and saves after the step at hand. */
    STOPPING("stopping after this step"),
    /** Nothing trains; a resumed run would go on. */
    STOPPED("stopped"),
    DONE("done"),
    FAILED("failed"),
    /** Trained, and kept back by the audit. */
    WITHHELD("kept back by the audit");

    private final String word;

    RunState(String word) {
        this.word = word;
    }

    /** For people. */
    public String word() {
        return word;
    }

    /** Whether a process works on the run. */
    public boolean isRunning() {
        return switch (this) {
            case PREPARING, TRAINING, STOPPING -> true;
            case STOPPED, DONE, FAILED, WITHHELD -> false;
        };
    }

    /** For programs. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
