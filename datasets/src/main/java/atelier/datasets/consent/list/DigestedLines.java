package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.common.file.Sha256;
import atelier.common.file.TextFile;
import atelier.common.work.StopSignal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file once, by lines, and digests it on the way; memory does not grow with the file. Texts in UTF-16 and others
 * with a byte order mark are read as such, and UTF-8 is checked; a line may have a mebibyte. A name that ends in
 * {@code .gz} is unpacked; the digest is that of the file as it lies on disk.
 */
final class DigestedLines implements AutoCloseable {
    private static final int MAX_LINE = 1 << 20;
    private static final int BUFFER = 1 << 16;

    private final MessageDigest digest = Sha256.digest();
    private final InputStream file;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private byte[] line = new byte[256];
    private int position;
    private int limit;
    private long number;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    DigestedLines(Path path) throws IOException {
        file = new DigestInputStream(Files.newInputStream(path), digest);
        boolean packed = path.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        try {
            in = TextFile.utf8(packed ? new GZIPInputStream(file, BUFFER) : file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** The unpacked bytes, for a reader that finds lines by itself; not to be mixed with {@link #next}. */
    InputStream stream() {
        return in;
    }

    /** The number, from 1, of the line that {@link #next} gave last. */
    long number() {
        return number;
    }

    /**
     * The next line without its end, or null after the last.
     *
     * @throws MalformedException when it is too long or not UTF-8
     */
    @Nullable
    String next() throws IOException {
        int length = 0;
        boolean any = false;
        number++;
        while (true) {
            if (position == limit) {
                StopSignal.check();
                limit = read();
                position = 0;
                if (limit < 0) {
                    limit = 0;
                    if (!any) {
                        number--;
                    }
                    return any ? text(length) : null;
                }
            }
            any = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            int count = end - position;
            if (length + count > MAX_LINE) {
                throw new MalformedException("the line is longer than " + MAX_LINE + " bytes");
            }
            if (length + count > line.length) {
                line = java.util.Arrays.copyOf(line, Math.max(length + count, 2 * line.length));
            }
            System.arraycopy(buffer, position, line, length, count);
            length += count;
            position = Math.min(end + 1, limit);
            if (end < limit) {
                return text(length);
            }
        }
    }

    /** The file's SHA-256; reads what is left first. */
    String sha256() throws IOException {
        // What follows a packed stream's end still belongs to the file.
        in.transferTo(java.io.OutputStream.nullOutputStream());
        file.transferTo(java.io.OutputStream.nullOutputStream());
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private int read() throws IOException {
        try {
            return in.read(buffer, 0, buffer.length);
        } catch (CharacterCodingException e) {
            throw new MalformedException("the line, or one shortly after it, is no text in the file's charset", e);
        }
    }

    private String text(int length) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        try {
            return utf8.decode(ByteBuffer.wrap(line, 0, end)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("the line is not UTF-8", e);
        }
    }
}
