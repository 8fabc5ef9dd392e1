/**
 * Who may be trained on. {@link atelier.datasets.consent.ConsentFilter} gives every picture one verdict, by four rules:
 * the most restrictive signal wins and only a recorded grant overrides it; a signal that cannot be read excludes the
 * picture; no signal is not permission where {@code licence.mode} is {@code licensed}; and nothing is dropped without a
 * line in the ledger.
 */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent;
