package atelier.datasets.decode;

/**
 * A decoded picture before its colours are set right: 8-bit samples, interleaved, rows from the top.
 *
 * @param colours 1 grey, 3 red-green-blue, 4 cyan-magenta-yellow-black (255 is full ink)
 * @param alpha whether an opacity follows the colours of each pixel, not premultiplied
 */
@SuppressWarnings("ArrayRecordComponent") // samples are passed on, never compared
record DecodedSamples(int width, int height, int colours, boolean alpha, byte[] samples) {
    DecodedSamples {
        if (samples.length != (long) width * height * (colours + (alpha ? 1 : 0))) {
            throw new IllegalArgumentException("a raw picture's samples do not fit its size");
        }
    }

    int channels() {
        return colours + (alpha ? 1 : 0);
    }
}
