/** Metrics, memorisation audit, report. */
@org.jspecify.annotations.NullMarked
package atelier.evaluation;
