package atelier.inference.safety;

/** What becomes of a picture that a checker flags. */
public enum SafetyAction {
    /** Blocked where the model brings a checker of its own, as diffusers does; else tagged. */
    AUTO,
    /** Not looked at. */
    OFF,
    /** Left as it is; its record says so. */
    TAG,
    /** Made unrecognisable. */
    BLUR,
    /** Made black. */
    BLOCK
}
