/** How work ends that must not or cannot go on. */
@org.jspecify.annotations.NullMarked
package atelier.common.error;
