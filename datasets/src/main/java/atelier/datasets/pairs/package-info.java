/** Image-caption pairs, where they came from, and what was found amiss with them. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.pairs;
