package atelier.evaluation.audit;

/**
 * A generation that is wanted.
 *
 * @param prompt the words
 * @param seed of its noise
 */
record Draw(String prompt, long seed) {}
