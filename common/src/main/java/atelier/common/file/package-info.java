/** Files and what is read off them: whole or not at all, by digest, by size. */
@org.jspecify.annotations.NullMarked
package atelier.common.file;
