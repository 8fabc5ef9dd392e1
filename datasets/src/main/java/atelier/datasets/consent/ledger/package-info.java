/** One verdict for every picture, and the files that hold the verdicts. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.ledger;
