package atelier.datasets.consent.web;

/**
 * An objection that a server's reply or one of its files makes.
 *
 * @param protocol which protocol
 * @param reason a sentence's end that quotes what was said
 * @param line the line in the file that says it, from 1, or 0 when that is not known
 */
public record Signal(Protocol protocol, String reason, long line) {
    /** The protocols that servers speak. */
    public enum Protocol {
        NOAI,
        TDMREP,
        AIPREF,
        CONTENT_SIGNAL,
        AI_TXT,
        RSL,
        ROBOTS
    }
}
