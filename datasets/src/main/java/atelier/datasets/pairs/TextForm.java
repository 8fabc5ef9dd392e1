package atelier.datasets.pairs;

import atelier.common.file.TextFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the texts of pairs are read.
 *
 * @param encoding the charset of files without a byte order mark
 * @param lines what the lines of a caption file are
 * @param caption data.caption: the caption of an image that has none, empty text for the empty caption; null where such an
 *     image is an error
 * @param extension the ending of caption files beside images, such as {@code caption}; "" for {@code txt} or {@code caption}
 */
public record TextForm(
        Charset encoding, CaptionLines lines, @Nullable String caption, String extension) {
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

    public TextForm(Charset encoding, CaptionLines lines, @Nullable String caption) {
        this(encoding, lines, caption, "");
    }

    /** The same, but caption files end in this, with or without its dot. */
    public TextForm withExtension(String ending) {
        return new TextForm(
                encoding, lines, caption, ending.replaceFirst("^\\.", "").toLowerCase(Locale.ROOT));
    }

    /** UTF-8, a caption a line. */
    public static TextForm plain() {
        return new TextForm(StandardCharsets.UTF_8, CaptionLines.ALTERNATIVES);
    }

    /** A whole text; what is not in the charset is marked, see {@link TextFile#BROKEN}. */
    public String read(byte[] bytes) {
        return TextFile.marked(bytes, encoding);
    }

    /** The sentence's end for a text that is in another charset. */
    public String notInEncoding() {
        return "is not " + encoding.name();
    }

    public String remedy() {
        return encoding.equals(StandardCharsets.UTF_8)
                ? "save the file as UTF-8, or set data.encoding to its charset, such as windows-1252"
                : "save the file as " + encoding.name() + ", or set data.encoding to its charset";
    }
}
