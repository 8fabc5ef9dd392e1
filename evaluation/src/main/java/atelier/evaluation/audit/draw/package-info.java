/** The pictures that an audit asks a model for. */
@org.jspecify.annotations.NullMarked
package atelier.evaluation.audit.draw;
