/** What pictures of other programs say of how they were made. */
@org.jspecify.annotations.NullMarked
package atelier.inference.foreign;
