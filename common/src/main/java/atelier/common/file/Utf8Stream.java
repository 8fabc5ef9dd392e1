package atelier.common.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** A text's bytes in UTF-8. */
final class Utf8Stream extends InputStream {
    private static final int PART = 1 << 13;

    private final Reader text;
    private final char[] part = new char[PART];
    private byte[] bytes = {};
    private int position;
    /** The first half of a code point whose second half comes with the next part. */
    private int kept;

    Utf8Stream(Reader text) {
        this.text = text;
    }

    @Override
    public int read() throws IOException {
        return fill() ? bytes[position++] & 255 : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, bytes.length - position);
        System.arraycopy(bytes, position, to, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws IOException {
        while (position == bytes.length) {
            int count = text.read(part, kept, part.length - kept);
            if (count < 0) {
                return false;
            }
            int length = kept + count;
            kept = length > 0 && Character.isHighSurrogate(part[length - 1]) ? 1 : 0;
            bytes = new String(part, 0, length - kept).getBytes(StandardCharsets.UTF_8);
            position = 0;
            if (kept == 1) {
                part[0] = part[length - 1];
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
