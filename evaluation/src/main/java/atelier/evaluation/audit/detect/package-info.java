/** What looks for training pictures in those that were drawn. */
@org.jspecify.annotations.NullMarked
package atelier.evaluation.audit.detect;
