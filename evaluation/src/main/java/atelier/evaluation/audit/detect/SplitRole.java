package atelier.evaluation.audit.detect;

/** What a picture is to the adapter. */
public enum SplitRole {
    /** It was trained on. */
    TRAINING,
    /** It was not, and shares the training pictures' style: what looks memorised here is a false alarm. */
    HELD_OUT,
    /** Consent, licence or policy kept it out: it must not come back either. */
    EXCLUDED
}
