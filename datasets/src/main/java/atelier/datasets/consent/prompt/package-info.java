/** Names and words that may not be drawn. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.prompt;
