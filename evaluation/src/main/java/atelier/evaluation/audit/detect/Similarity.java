package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;

/**
 * How near the generations of one prompt come to a picture.
 *
 * @param distance least tiled distance
 * @param nearest the generation at that distance
 * @param similarity greatest cosine of features
 * @param first whether the most similar generation is more similar to this picture than to any other
 * @param bits least distance of perceptual digests
 */
public record Similarity(double distance, Pixels nearest, double similarity, boolean first, int bits) {}
