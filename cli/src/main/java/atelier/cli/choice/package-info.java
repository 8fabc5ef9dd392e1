/** What the program chooses where a setting says auto. */
@org.jspecify.annotations.NullMarked
package atelier.cli.choice;
