/** Opt-out lists: reading them, compiling them, and finding a training set's pictures in them. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.list;
