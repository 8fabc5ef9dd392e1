package atelier.datasets.pairs;

import atelier.common.file.TextFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How the texts of pairs are read.
 *
 * @param encoding the charset of files without a byte order mark
 * @param lines what the lines of a caption file are
 * @param caption data.caption: the caption of an image that has none, empty text for the empty caption; null where such an
 *     image is an error
 */
public record TextForm(
        Charset encoding, CaptionLines lines, @Nullable String caption) {
    /** What the lines of a caption file are. */
    public enum CaptionLines {
        /** Each line is a caption: the first is the main one, the others are alternatives. */
        ALTERNATIVES,
        /** All lines together are one caption. */
        JOIN
    }

    /** An image without a caption is an error. */
    public TextForm(Charset encoding, CaptionLines lines) {
        this(encoding, lines, null);
    }

    /** UTF-8, a caption a line. */
    public static TextForm plain() {
        return new TextForm(StandardCharsets.UTF_8, CaptionLines.ALTERNATIVES);
    }

    /** A whole text; what is not in the charset is marked, see {@link TextFile#BROKEN}. */
    String read(byte[] bytes) {
        return TextFile.marked(bytes, encoding);
    }

    /** The sentence's end for a text that is in another charset. */
    String notInEncoding() {
        return "is not " + encoding.name();
    }

    String remedy() {
        return encoding.equals(StandardCharsets.UTF_8)
                ? "save the file as UTF-8, or set data.encoding to its charset, such as windows-1252"
                : "save the file as " + encoding.name() + ", or set data.encoding to its charset";
    }
}
