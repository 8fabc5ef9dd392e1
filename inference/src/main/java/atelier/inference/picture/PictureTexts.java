package atelier.inference.picture;

import com.drew.lang.KeyValuePair;
import com.drew.metadata.Directory;
import com.drew.metadata.Metadata;
import com.drew.metadata.StringValue;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import com.drew.metadata.jpeg.JpegCommentDirectory;
import com.drew.metadata.png.PngDirectory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The texts inside a picture by keyword: those of a PNG's tEXt, zTXt and iTXt chunks, and of Exif in every format, where
 * UserComment stands for "parameters" and entries such as "prompt:{...}" are split at their colon.
 */
public final class PictureTexts {
    private static final int MARK = 8;
    private static final int SOFTWARE = ExifDirectoryBase.TAG_SOFTWARE;
    private static final List<Integer> NAMED_TEXTS =
            List.of(ExifDirectoryBase.TAG_IMAGE_DESCRIPTION, ExifDirectoryBase.TAG_MAKE, ExifDirectoryBase.TAG_MODEL);

    private final Map<String, String> texts;
    private final @Nullable String own;

    private PictureTexts(Map<String, String> texts, @Nullable String own) {
        this.texts = Map.copyOf(texts);
        this.own = own;
    }

    static PictureTexts of(Metadata metadata) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (PngDirectory directory : metadata.getDirectoriesOfType(PngDirectory.class)) {
            if (directory.getObject(PngDirectory.TAG_TEXTUAL_DATA) instanceof List<?> pairs) {
                boolean international = directory.getName().contains("iTXt");
                for (Object each : pairs) {
                    if (each instanceof KeyValuePair pair) {
                        byte[] bytes = pair.getValue().getBytes();
                        boolean plain = pair.getKey().equals(PngEncoder.OWN);
                        String text = international
                                ? utf8(bytes)
                                : plain ? new String(bytes, StandardCharsets.ISO_8859_1) : latin1OrUtf8(bytes);
                        texts.putIfAbsent(pair.getKey(), text);
                    }
                }
            }
        }
        String own = texts.get(PngEncoder.OWN);
        for (JpegCommentDirectory directory : metadata.getDirectoriesOfType(JpegCommentDirectory.class)) {
            StringValue comment = directory.getStringValue(JpegCommentDirectory.TAG_COMMENT);
            String value = comment == null ? "" : comment.toString(StandardCharsets.UTF_8);
            if (value.startsWith(PngEncoder.OWN + " ")) {
                own = value.substring(PngEncoder.OWN.length() + 1);
            } else if (!value.isBlank()) {
                texts.putIfAbsent("Comment", value);
            }
        }
        // Exif keeps UserComment in its second folder; Fooocus writes it into the first.
        metadata.getDirectoriesOfType(ExifSubIFDDirectory.class).forEach(folder -> comment(folder, texts));
        metadata.getDirectoriesOfType(ExifIFD0Directory.class).forEach(folder -> comment(folder, texts));
        for (ExifIFD0Directory directory : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
            NAMED_TEXTS.forEach(tag -> named(directory, tag, texts));
            String software = directory.getString(SOFTWARE);
            if (software != null) {
                texts.putIfAbsent("Software", software);
            }
        }
        return new PictureTexts(texts, own);
    }

    private static void named(Directory directory, int tag, Map<String, String> into) {
        StringValue value = directory.getStringValue(tag);
        String text = value == null ? "" : utf8(value.getBytes());
        int colon = text.indexOf(':');
        if (colon > 0 && text.substring(colon + 1).strip().startsWith("{")) {
            into.putIfAbsent(text.substring(0, colon).strip().toLowerCase(Locale.ROOT), text.substring(colon + 1));
        }
    }

    private static void comment(Directory directory, Map<String, String> into) {
        byte[] comment = directory.getByteArray(ExifDirectoryBase.TAG_USER_COMMENT);
        String text = comment == null ? "" : comment(comment);
        if (!text.isBlank()) {
            into.putIfAbsent(PngEncoder.PARAMETERS, text);
        }
    }

    /** Exif's UserComment: eight bytes that name the charset, then the text; some programs leave the eight out. */
    private static String comment(byte[] bytes) {
        String mark = new String(bytes, 0, Math.min(MARK, bytes.length), StandardCharsets.US_ASCII);
        if (mark.startsWith("UNICODE")) {
            return new String(bytes, MARK, bytes.length - MARK, utf16(bytes));
        }
        boolean marked = mark.startsWith("ASCII\0") || mark.startsWith("JIS\0") || mark.equals("\0".repeat(MARK));
        int from = marked ? MARK : 0;
        return utf8(Arrays.copyOfRange(bytes, from, bytes.length)).replace("\0", "");
    }

    /** Which byte is first is Exif's to say and often said wrongly, so the side on which the zeros lie decides. */
    private static Charset utf16(byte[] bytes) {
        int first = 0;
        int second = 0;
        for (int i = MARK; i + 1 < bytes.length; i += 2) {
            first += bytes[i] == 0 ? 1 : 0;
            second += bytes[i + 1] == 0 ? 1 : 0;
        }
        return second > first ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** tEXt and zTXt are Latin-1 by the standard; programs put UTF-8 there too, which Latin-1 text hardly ever looks like. */
    private static String latin1OrUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    /** The text under a keyword. */
    public Optional<String> get(String keyword) {
        return Optional.ofNullable(texts.get(keyword));
    }

    /** What a picture of this program was made from. */
    public Optional<GenerationParameters> own() {
        return Optional.ofNullable(own).map(GenerationParameters::ofJson);
    }
}
