package atelier.inference.request;

import atelier.common.error.WrongCommandException;

/**
 * A second pass at a larger size, since models lose the thread far beyond the size that they were trained at: the picture
 * is enlarged and partly drawn again.
 *
 * @param scale factor of both sides, more than 1
 * @param strength share of the steps that are drawn again
 */
public record HiresSettings(double scale, double strength) {
    public HiresSettings {
        if (!(scale > 1 && scale <= 8)) {
            throw new WrongCommandException("hires_scale must be more than 1 and at most 8, got " + scale);
        }
        if (!(strength > 0 && strength <= 1)) {
            throw new WrongCommandException("hires_strength must be more than 0 and at most 1, got " + strength);
        }
    }
}
