package atelier.inference.picture;

import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.common.image.PictureReaders;
import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
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
        BufferedImage any = decoded(path);
        BufferedImage rgb = new BufferedImage(any.getWidth(), any.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = rgb.createGraphics();
        graphics.drawImage(any, 0, 0, Color.WHITE, null);
        graphics.dispose();
        return rgb;
    }

    /**
     * Reads a mask as diffusers' and AUTOMATIC1111's users paint it: brightness where it is opaque, black where it is
     * transparent, as grey in RGB.
     *
     * @throws WrongCommandException as {@link #read}
     */
    public static BufferedImage readMask(Path path) throws IOException {
        BufferedImage any = decoded(path);
        boolean deep = any.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && !(any.getColorModel() instanceof IndexColorModel);
        BufferedImage grey = new BufferedImage(any.getWidth(), any.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < any.getHeight(); y++) {
            for (int x = 0; x < any.getWidth(); x++) {
                int argb = any.getRGB(x, y);
                // The runtime takes grey for linear light and brightens it on the way to RGB; a mask's is meant as it
                // stands.
                int luma = deep
                        ? (int) (any.getRaster().getSample(x, y, 0)
                                * 255L
                                / ((1L << any.getSampleModel().getSampleSize(0)) - 1))
                        : ((argb >> 16 & 255) * 19595 + (argb >> 8 & 255) * 38470 + (argb & 255) * 7471 + 0x8000) >> 16;
                int value = Math.round(luma * (argb >>> 24) / 255f);
                grey.setRGB(x, y, value << 16 | value << 8 | value);
            }
        }
        return grey;
    }

    private static BufferedImage decoded(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new WrongCommandException(path + " does not exist; name a PNG, JPEG or WebP file");
        }
        byte[] file = Files.readAllBytes(path);
        ImageReader reader;
        try {
            reader = PictureReaders.of(file);
        } catch (IOException e) {
            throw new WrongCommandException(path + " is not a picture that can be read; PNG, JPEG and WebP can", e);
        }
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // Readers answer damaged bytes with whatever exception.
            throw new WrongCommandException(
                    path + " is a broken picture (" + e.getMessage() + "); save it anew, or give another", e);
        } finally {
            reader.dispose();
        }
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
