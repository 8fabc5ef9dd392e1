package atelier.datasets.decode;

import atelier.common.error.WrongCommandException;

/**
 * How images are decoded.
 *
 * @param maxPixels data.max_pixels: an image whose header promises more pixels is refused before it is decoded
 * @param alphaColour data.alpha_colour: what lies under transparent pixels, 0xRRGGBB
 */
public record DecodeSettings(long maxPixels, int alphaColour) {
    public DecodeSettings {
        if (maxPixels < 1) {
            throw new WrongCommandException("data.max_pixels must be at least 1, got " + maxPixels);
        }
        if (alphaColour < 0 || alphaColour > 0xFFFFFF) {
            throw new WrongCommandException(
                    "data.alpha_colour must lie between #000000 and #ffffff, got " + Integer.toHexString(alphaColour));
        }
    }

    /** Over white, at most 178,956,970 pixels: the point at which Pillow, too, refuses a decompression bomb. */
    public static DecodeSettings plain() {
        return new DecodeSettings(178_956_970L, 0xFFFFFF);
    }
}
