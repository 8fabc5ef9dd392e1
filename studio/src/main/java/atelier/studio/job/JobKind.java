package atelier.studio.job;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a job does with its run. */
public enum JobKind {
    TRAIN,
    EVALUATE;

    /** The command that does it; for programs and files too. */
    @JsonValue
    public String command() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of a file; those that say nothing are of a studio that could only train. */
    static JobKind of(String word) {
        return word.equals(EVALUATE.command()) ? EVALUATE : TRAIN;
    }
}
