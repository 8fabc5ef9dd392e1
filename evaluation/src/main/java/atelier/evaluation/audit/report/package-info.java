/** An audit's result for people and for machines. */
@org.jspecify.annotations.NullMarked
package atelier.evaluation.audit.report;
