package atelier.evaluation.audit;

import atelier.datasets.image.Pixels;

/**
 * A generation.
 *
 * @param draw what was asked for
 * @param pixels what came
 * @param magnitude mean over the steps of what the rule measures: for guidance the text-conditional noise magnitude
 */
record Generation(Draw draw, Pixels pixels, double magnitude) {}
