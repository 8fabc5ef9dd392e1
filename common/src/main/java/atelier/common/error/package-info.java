/** Errors that a user causes and can mend, by kind: each kind is an exit status. */
@org.jspecify.annotations.NullMarked
package atelier.common.error;
