/** The commands: one class each, and the configuration that they read. */
@org.jspecify.annotations.NullMarked
package atelier.cli;
