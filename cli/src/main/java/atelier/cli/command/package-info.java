/** One class a command, and the records of their keys. */
@org.jspecify.annotations.NullMarked
package atelier.cli.command;
