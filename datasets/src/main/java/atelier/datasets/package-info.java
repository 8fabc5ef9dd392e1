/** Image-caption pairs: sources, consent, decoding, buckets, batches. */
@org.jspecify.annotations.NullMarked
package atelier.datasets;
