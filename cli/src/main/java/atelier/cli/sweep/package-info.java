/** What a sweep left: its runs, and the grid of their pictures. */
@org.jspecify.annotations.NullMarked
package atelier.cli.sweep;
