/** What opt-outs are looked up by: addresses, domains, names and digests, each in one normal form. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.key;
