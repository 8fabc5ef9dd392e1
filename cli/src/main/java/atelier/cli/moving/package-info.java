/** The way over from other trainers: their configurations, read and written as an experiment. */
@org.jspecify.annotations.NullMarked
package atelier.cli.moving;
