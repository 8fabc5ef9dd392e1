package atelier.common.error;

import org.jspecify.annotations.Nullable;

/**
 * What a file or a text holds is not of the form that it must have. Thrown by those that read a part and do not know where
 * it stands; whoever reads the whole catches it and says the place and the remedy.
 */
public final class MalformedException extends WorkFailedException {
    private static final long serialVersionUID = 1;

    /** @param fact what is the matter with the part: "the row has 3 values where the header names 4" */
    public MalformedException(String fact) {
        this(fact, null);
    }

    public MalformedException(String fact, @Nullable Throwable cause) {
        super(fact, cause);
    }
}
