/** Licence statements, the policy that judges them, and recorded grants. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.licence;
