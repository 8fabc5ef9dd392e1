package atelier.inference.picture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An EXIF block with one entry, UserComment: where JPEGs and WebPs keep what PNGs keep under "parameters". */
final class Exif {
    private static final byte[] UNICODE = "UNICODE\0".getBytes(StandardCharsets.US_ASCII);
    private static final short EXIF_FOLDER = (short) 0x8769;
    private static final short USER_COMMENT = (short) 0x9286;
    private static final short LONG = 4;
    private static final short UNDEFINED = 7;
    private static final int HEADER = 8;
    /** Count, one entry, offset of the next folder. */
    private static final int FOLDER = 2 + 12 + 4;

    private Exif() {}

    /** The TIFF structure, big endian, from its header on; the text is UTF-16BE behind the mark UNICODE. */
    static byte[] userComment(String text) {
        byte[] letters = text.getBytes(StandardCharsets.UTF_16BE);
        int length = UNICODE.length + letters.length;
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + 2 * FOLDER + length);
        bytes.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(HEADER);
        folder(bytes, EXIF_FOLDER, LONG, 1, HEADER + FOLDER);
        folder(bytes, USER_COMMENT, UNDEFINED, length, HEADER + 2 * FOLDER);
        bytes.put(UNICODE).put(letters);
        return bytes.array();
    }

    private static void folder(ByteBuffer bytes, short tag, short type, int count, int value) {
        bytes.putShort((short) 1)
                .putShort(tag)
                .putShort(type)
                .putInt(count)
                .putInt(value)
                .putInt(0);
    }
}
