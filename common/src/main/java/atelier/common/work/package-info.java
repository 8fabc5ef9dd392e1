/** Work that waits in the background, and values that are made once. */
@org.jspecify.annotations.NullMarked
package atelier.common.work;
