package atelier.inference.picture;

import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Writes pictures with their records, and reads their pixels and texts back. */
public final class PictureFile {
    private PictureFile() {}

    /**
     * Writes a picture, whole or not at all.
     *
     * @param record what it was made from; null leaves all metadata out
     * @param quality 1 to 100, for JPEG and WebP
     */
    public static void write(
            Path path, BufferedImage picture, @Nullable GenerationParameters record, PictureFormat format, int quality)
            throws IOException {
        byte[] bytes = switch (format) {
            case PNG -> PngEncoder.encode(picture, record);
            case JPEG -> JpegEncoder.encode(picture, record, quality);
            case WEBP -> WebpEncoder.encode(picture, record, quality);
        };
        AtomicFile.write(path, bytes);
    }

    /**
     * Reads a picture's pixels as RGB.
     *
     * @throws WrongCommandException if it is missing, broken, or of no format that is known
     */
    public static BufferedImage read(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new WrongCommandException(path + " does not exist; name a PNG, JPEG or WebP file");
        }
        BufferedImage any;
        try {
            any = ImageIO.read(path.toFile());
        } catch (IOException | RuntimeException e) {
            // Readers answer damaged bytes with whatever exception.
            throw new WrongCommandException(
                    path + " is a broken picture (" + e.getMessage() + "); save it anew, or give another", e);
        }
        if (any == null) {
            throw new WrongCommandException(path + " is not a picture that can be read; PNG, JPEG and WebP can");
        }
        BufferedImage rgb = new BufferedImage(any.getWidth(), any.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = rgb.createGraphics();
        graphics.drawImage(any, 0, 0, Color.WHITE, null);
        graphics.dispose();
        return rgb;
    }

    /**
     * The texts that a picture carries, under their keywords.
     *
     * @throws WrongCommandException if it is missing, or of no format that is known
     */
    public static PictureTexts texts(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new WrongCommandException(path + " does not exist");
        }
        try {
            return PictureTexts.of(ImageMetadataReader.readMetadata(path.toFile()));
        } catch (ImageProcessingException e) {
            throw new WrongCommandException(
                    path + " is not a picture that can be read (" + e.getMessage() + "); name a PNG, JPEG or WebP file",
                    e);
        }
    }
}
