package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;

/**
 * A picture that may or must not come back.
 *
 * @param name its path, as people know it
 * @param sha256 of the file
 * @param role trained on, held out or excluded
 * @param caption the words that it was, or would have been, trained with
 * @param creator who made it; empty when unknown
 * @param pixels square, of the side that the model draws at
 */
public record AuditSubject(String name, String sha256, SplitRole role, String caption, String creator, Pixels pixels) {}
