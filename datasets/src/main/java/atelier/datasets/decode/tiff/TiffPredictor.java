package atelier.datasets.decode.tiff;

/** Adds up the differences from pixel to pixel that a strip or tile holds instead of samples. */
final class TiffPredictor {
    private TiffPredictor() {}

    /**
     * @param bytes rows one after another; 16-bit samples as the file's byte order has them
     * @param rowBytes of a row
     * @param samples of a pixel within these bytes
     */
    static void undo(byte[] bytes, int rowBytes, int samples, int bits, boolean little) {
        for (int row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
            if (bits == 8) {
                for (int i = row + samples; i < row + rowBytes; i++) {
                    bytes[i] += bytes[i - samples];
                }
            } else {
                int high = little ? 1 : 0;
                for (int i = row + 2 * samples; i + 1 < row + rowBytes; i += 2) {
                    int value = word(bytes, i, high) + word(bytes, i - 2 * samples, high);
                    bytes[i + high] = (byte) (value >> 8);
                    bytes[i + 1 - high] = (byte) value;
                }
            }
        }
    }

    private static int word(byte[] bytes, int at, int high) {
        return (bytes[at + high] & 255) << 8 | bytes[at + 1 - high] & 255;
    }
}
