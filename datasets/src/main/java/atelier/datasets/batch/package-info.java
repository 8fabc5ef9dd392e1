/** From pairs to batches: aspect buckets, crops, captions, order. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.batch;
