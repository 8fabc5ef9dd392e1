package atelier.evaluation.audit.draw;

import atelier.common.image.Pixels;

/**
 * A generation.
 *
 * @param draw what was asked for
 * @param pixels what came
 * @param magnitude mean over the steps of what the rule measures: for guidance the text-conditional noise magnitude
 */
public record GeneratedPicture(DrawRequest draw, Pixels pixels, double magnitude) {}
