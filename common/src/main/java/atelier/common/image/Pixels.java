package atelier.common.image;

/**
 * A picture in 8-bit sRGB.
 *
 * @param width in pixels
 * @param height in pixels
 * @param rgb red, green, blue interleaved, rows from the top, {@code 3 * width * height} bytes read as 0 to 255
 */
@SuppressWarnings("ArrayRecordComponent") // pixels are shared, never compared
public record Pixels(int width, int height, byte[] rgb) {
    public Pixels {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "a picture of " + width + " x " + height + " needs 3 bytes a pixel, got " + rgb.length);
        }
    }

    /** The value 0 to 255 of a channel (0 red, 1 green, 2 blue). */
    public int at(int x, int y, int channel) {
        return rgb[(y * width + x) * 3 + channel] & 255;
    }

    /** The part whose top left corner is at (left, top). */
    public Pixels crop(int left, int top, int width, int height) {
        if (left < 0 || top < 0 || left + width > this.width || top + height > this.height) {
            throw new IllegalArgumentException("a crop of " + width + " x " + height + " at " + left + ", " + top
                    + " leaves a picture of " + this.width + " x " + this.height);
        }
        byte[] out = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            System.arraycopy(rgb, ((top + y) * this.width + left) * 3, out, y * width * 3, width * 3);
        }
        return new Pixels(width, height, out);
    }

    /** Left and right exchanged. */
    public Pixels flipped() {
        byte[] out = new byte[rgb.length];
        for (int y = 0; y < height; y++) {
            int from = y * width * 3;
            int to = from + (width - 1) * 3;
            for (int x = 0; x < width; x++, from += 3, to -= 3) {
                out[to] = rgb[from];
                out[to + 1] = rgb[from + 1];
                out[to + 2] = rgb[from + 2];
            }
        }
        return new Pixels(width, height, out);
    }
}
