package atelier.studio.draw;

import atelier.common.error.WrongCommandException;
import atelier.common.image.PictureReaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A picture that a program sent, checked before anything decodes it.
 *
 * @param bytes of the file
 * @param ending of its name, without the dot
 * @param width in pixels
 * @param height in pixels
 */
@SuppressWarnings("ArrayRecordComponent") // a file's bytes, handed on and never compared
public record SentPicture(byte[] bytes, String ending, int width, int height) {
    private static final long MOST_PIXELS = 4096L * 4096;
    private static final Pattern DATA = Pattern.compile("data:[a-z0-9.+/-]*(;[a-z0-9=.-]+)*;base64,");
    private static final Pattern ADDRESS =
            Pattern.compile("\\s*([A-Za-z][A-Za-z0-9+.-]*:|//|\\\\\\\\).*", Pattern.DOTALL);
    private static final int MOST_PREFIX = 100;

    /**
     * Reads base64, which may stand behind {@code data:image/png;base64,}. Nothing is ever fetched.
     *
     * @param field for messages
     * @throws WrongCommandException if it is an address, no base64, or no picture
     */
    public static SentPicture ofBase64(String field, String text) {
        String head = text.substring(0, Math.min(MOST_PREFIX, text.length())).toLowerCase(Locale.ROOT);
        var data = DATA.matcher(head);
        String base64 = text;
        if (data.lookingAt()) {
            base64 = text.substring(data.end());
        } else if (ADDRESS.matcher(head).matches()) {
            throw new WrongCommandException(
                    field, "it is an address, and no address is fetched", "send the picture itself in base64");
        }
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(base64);
            if (!base64.matches("[A-Za-z0-9+/=\\s]*")) {
                throw new IllegalArgumentException("other characters");
            }
        } catch (IllegalArgumentException e) {
            throw new WrongCommandException(field, "it is not base64", "send the picture's file in base64");
        }
        return of(field, bytes);
    }

    /**
     * Reads a file's head.
     *
     * @throws WrongCommandException if it is no picture, or has too many pixels
     */
    public static SentPicture of(String field, byte[] bytes) {
        ImageReader reader;
        try {
            reader = PictureReaders.of(bytes);
        } catch (IOException e) {
            throw new WrongCommandException(
                    field, "it is no picture that can be read", "send a PNG, JPEG or WebP file");
        }
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > MOST_PIXELS) {
                throw new WrongCommandException(
                        field, "it has " + width + "x" + height + " pixels", "send one of at most 4096x4096");
            }
            return new SentPicture(bytes, reader.getFormatName().toLowerCase(Locale.ROOT), width, height);
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            // Readers answer damaged heads with whatever exception.
            throw new WrongCommandException(field, "it is a broken picture", "save it anew, or send another");
        } finally {
            reader.dispose();
        }
    }
}
