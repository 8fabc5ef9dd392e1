/** Figures over drawn pictures: style, content, meaning. */
@org.jspecify.annotations.NullMarked
package atelier.evaluation.measure;
