/** The terminal and the signals that reach a program from it. */
@org.jspecify.annotations.NullMarked
package atelier.common.console;
