package atelier.datasets.decode.tiff;

/**
 * A decoded TIFF: 8-bit samples, interleaved, rows from the top.
 *
 * @param colours 1 grey, 3 red-green-blue, 4 cyan-magenta-yellow-black (255 is full ink)
 * @param alpha whether an opacity follows the colours of each pixel, not premultiplied
 */
@SuppressWarnings("ArrayRecordComponent") // samples are passed on, never compared
public record TiffPicture(int width, int height, int colours, boolean alpha, byte[] samples) {}
