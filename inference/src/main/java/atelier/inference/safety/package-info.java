/** What pictures must not show. */
@org.jspecify.annotations.NullMarked
package atelier.inference.safety;
