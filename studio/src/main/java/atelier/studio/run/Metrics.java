package atelier.studio.run;

import java.util.List;

/**
 * Figures by step.
 *
 * @param columns their names, step first
 * @param rows a value a column; NaN where a step has none
 * @param latest the last step that there is; 0 for none
 * @param total rows that were asked for
 * @param thinned whether some were left out, for a chart; the last one and those with a validation are always there
 */
public record Metrics(List<String> columns, List<double[]> rows, long latest, long total, boolean thinned) {}
