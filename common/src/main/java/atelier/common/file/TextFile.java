package atelier.common.file;

import atelier.common.error.WrongCommandException;
import com.google.common.io.CharSource;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Reads text in any charset. A byte order mark decides the charset and is taken off; without one, the charset that the
 * caller assumes. Bytes that the charset does not know never become letters in silence: {@link #reader} reports them,
 * {@link #marking} puts {@link #BROKEN} where they stood, so that one bad line does not end the reading of the others.
 */
public final class TextFile {
    /** Stands for bytes that are no text: a code point that Unicode keeps free for ever. */
    public static final char BROKEN = '\uFFFF';

    private static final int MARK = 4;
    /** Names that Python and editors use and Java does not know. */
    private static final Map<String, String> ALIASES = Map.of(
            "utf-8-sig", "UTF-8",
            "utf8-sig", "UTF-8",
            "utf16", "UTF-16",
            "latin-1", "ISO-8859-1",
            "ansi", "windows-1252",
            "cp932", "windows-31j",
            "cp936", "x-mswin-936",
            "cp949", "x-windows-949",
            "cp950", "x-windows-950");

    private TextFile() {}

    /**
     * The charset of a name, such as windows-1252, shift_jis or gb18030; letter case does not matter.
     *
     * @throws WrongCommandException naming the key when Java knows none of that name
     */
    public static Charset charset(String key, String name) {
        String known = ALIASES.getOrDefault(name.strip().toLowerCase(Locale.ROOT), name.strip());
        try {
            return Charset.forName(known);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new WrongCommandException(
                    key + " must be a charset such as utf-8, windows-1252, shift_jis, gb18030 or utf-16le, got '" + name
                            + "'",
                    e);
        }
    }

    /**
     * A reader of UTF-8, or of what the file's byte order mark says.
     *
     * @throws CharacterCodingException from the reader, at bytes that are no text
     */
    public static BufferedReader reader(Path file) throws IOException {
        return new BufferedReader(open(Files.newInputStream(file), StandardCharsets.UTF_8, CodingErrorAction.REPORT));
    }

    /** As {@link #reader(Path)}, of bytes that come from elsewhere; closing the reader closes the stream. */
    public static Reader reader(InputStream in) throws IOException {
        return open(in, StandardCharsets.UTF_8, CodingErrorAction.REPORT);
    }

    /**
     * The bytes of a text in UTF-8 without a byte order mark, for those who find lines by themselves: as they are where they
     * are UTF-8, whether they are text or not, converted where a byte order mark or UTF-16's zeros say otherwise. Closing
     * closes the stream.
     *
     * @throws CharacterCodingException from the stream, at bytes that the charset does not know
     */
    public static InputStream utf8(InputStream in) throws IOException {
        PushbackInputStream bytes = new PushbackInputStream(in, MARK);
        byte[] head = bytes.readNBytes(MARK);
        if (charset(head, StandardCharsets.UTF_8).equals(StandardCharsets.UTF_8)) {
            int mark = markLength(head);
            bytes.unread(head, mark, head.length - mark);
            return bytes;
        }
        bytes.unread(head);
        Reader text = open(bytes, StandardCharsets.UTF_8, CodingErrorAction.REPORT);
        CharSource source = new CharSource() {
            @Override
            public Reader openStream() {
                return text;
            }
        };
        return source.asByteSource(StandardCharsets.UTF_8).openStream();
    }

    /** A whole file in UTF-8, or in what its byte order mark says. */
    public static String read(Path file) throws IOException {
        try (BufferedReader reader = reader(file)) {
            return all(reader);
        }
    }

    /** A reader that gives {@link #BROKEN} for bytes that the charset does not know. */
    public static BufferedReader marking(InputStream in, Charset assumed) throws IOException {
        return new BufferedReader(open(in, assumed, CodingErrorAction.REPLACE));
    }

    /** A whole text, with {@link #BROKEN} for bytes that the charset does not know. */
    public static String marked(byte[] bytes, Charset assumed) {
        try (Reader reader = open(new ByteArrayInputStream(bytes), assumed, CodingErrorAction.REPLACE)) {
            return all(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // bytes in memory can always be read
        }
    }

    /** Whether a text has bytes that were none, or the NULs of UTF-16 that was read as something else. */
    public static boolean isBroken(String text) {
        return text.indexOf(BROKEN) >= 0 || text.indexOf('\0') >= 0;
    }

    /** Whether bytes beyond ASCII are there and all of them are UTF-8, which other charsets' texts hardly ever are. */
    public static boolean isUtf8BeyondAscii(byte[] bytes) {
        boolean beyond = false;
        for (byte b : bytes) {
            beyond |= b < 0;
        }
        return beyond && !isBroken(marked(bytes, StandardCharsets.UTF_8));
    }

    private static Reader open(InputStream in, Charset assumed, CodingErrorAction onBroken) throws IOException {
        PushbackInputStream bytes = new PushbackInputStream(in, MARK);
        try {
            byte[] head = bytes.readNBytes(MARK);
            int mark = markLength(head);
            bytes.unread(head, mark, head.length - mark);
            CharsetDecoder decoder = charset(head, assumed)
                    .newDecoder()
                    .onMalformedInput(onBroken)
                    .onUnmappableCharacter(onBroken)
                    .replaceWith(String.valueOf(BROKEN));
            return new InputStreamReader(bytes, decoder);
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    private static int markLength(byte[] head) {
        if (begins(head, 0xFF, 0xFE, 0, 0) || begins(head, 0, 0, 0xFE, 0xFF) || begins(head, 0x84, 0x31, 0x95, 0x33)) {
            return 4;
        }
        return begins(head, 0xEF, 0xBB, 0xBF) ? 3 : begins(head, 0xFF, 0xFE) || begins(head, 0xFE, 0xFF) ? 2 : 0;
    }

    private static Charset charset(byte[] head, Charset assumed) {
        if (begins(head, 0xEF, 0xBB, 0xBF)) {
            return StandardCharsets.UTF_8;
        } else if (begins(head, 0xFF, 0xFE, 0, 0)) {
            return Charset.forName("UTF-32LE");
        } else if (begins(head, 0, 0, 0xFE, 0xFF)) {
            return Charset.forName("UTF-32BE");
        } else if (begins(head, 0x84, 0x31, 0x95, 0x33)) {
            return Charset.forName("GB18030");
        } else if (begins(head, 0xFF, 0xFE)) {
            return StandardCharsets.UTF_16LE;
        } else if (begins(head, 0xFE, 0xFF)) {
            return StandardCharsets.UTF_16BE;
        }
        return assumed.equals(StandardCharsets.UTF_8) ? withoutMark(head) : assumed;
    }

    /** UTF-16 shows by the zero half of its first letter: no other text holds zeros. */
    private static Charset withoutMark(byte[] head) {
        if (head.length >= 2 && head[0] != 0 && head[1] == 0) {
            return StandardCharsets.UTF_16LE;
        }
        return head.length >= 2 && head[0] == 0 && head[1] != 0 ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
    }

    private static boolean begins(byte[] head, int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 255) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static String all(Reader reader) throws IOException {
        StringBuilder text = new StringBuilder();
        char[] part = new char[1 << 13];
        for (int n = reader.read(part); n >= 0; n = reader.read(part)) {
            text.append(part, 0, n);
        }
        return text.toString();
    }
}
