package atelier.evaluation.audit.draw;

/**
 * A generation that is wanted.
 *
 * @param prompt the words
 * @param seed of its noise
 */
public record DrawRequest(String prompt, long seed) {}
