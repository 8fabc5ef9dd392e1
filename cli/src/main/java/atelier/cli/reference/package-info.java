/** The page that lists every command with its settings. */
@org.jspecify.annotations.NullMarked
package atelier.cli.reference;
