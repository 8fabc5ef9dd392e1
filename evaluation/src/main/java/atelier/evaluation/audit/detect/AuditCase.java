package atelier.evaluation.audit.detect;

/**
 * A picture and what the model is asked for it.
 *
 * @param subject the picture
 * @param index its place in the gallery
 * @param prompt its caption, or its creator's name
 */
public record AuditCase(AuditSubject subject, int index, String prompt) {}
