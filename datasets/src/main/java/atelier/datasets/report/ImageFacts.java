package atelier.datasets.report;

import atelier.datasets.hash.Pdq;

/**
 * What was found out about an image by decoding it.
 *
 * @param width of the upright picture, in pixels
 * @param height of the upright picture, in pixels
 * @param bytes the file's length
 * @param sha256 the file's digest
 * @param pdq the picture's perceptual digest
 */
public record ImageFacts(int width, int height, long bytes, String sha256, Pdq pdq) {}
