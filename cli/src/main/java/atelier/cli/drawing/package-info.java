/** What is to be drawn, composed from settings and permitted: for the command generate, and for the studio. */
@org.jspecify.annotations.NullMarked
package atelier.cli.drawing;
