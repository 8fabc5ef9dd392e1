package atelier.inference.picture;

import atelier.common.file.AtomicFile;
import atelier.common.image.PictureReaders;
import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.lang.KeyValuePair;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import com.drew.metadata.jpeg.JpegCommentDirectory;
import com.drew.metadata.png.PngDirectory;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** Writes pictures with their records and reads them back. */
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
     * @throws IllegalArgumentException if it is missing, broken, or of no format that is known
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
     * @throws IllegalArgumentException as {@link #read}
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
            throw new IllegalArgumentException(path + " does not exist");
        }
        byte[] file = Files.readAllBytes(path);
        ImageReader reader;
        try {
            reader = PictureReaders.of(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(path + " is not a picture that can be read; PNG, JPEG and WebP can", e);
        }
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // Readers answer damaged bytes with whatever exception.
            throw new IllegalArgumentException(
                    path + " is a broken picture (" + e.getMessage() + "); save it anew, or give another", e);
        } finally {
            reader.dispose();
        }
    }

    /**
     * What a picture was made from: our own record where there is one, else others' parameters.
     *
     * @param otherwise gives what others' parameters do not say
     * @throws IllegalArgumentException if the picture has neither
     */
    public static GenerationParameters record(Path path, GenerationParameters otherwise) throws IOException {
        Metadata metadata;
        try {
            metadata = ImageMetadataReader.readMetadata(path.toFile());
        } catch (ImageProcessingException e) {
            throw new IllegalArgumentException(path + " is not a picture that can be read: " + e.getMessage(), e);
        }
        Optional<String> own = own(metadata);
        if (own.isPresent()) {
            return GenerationParameters.ofJson(own.get());
        }
        String parameters = parameters(metadata)
                .orElseThrow(() -> new IllegalArgumentException(path
                        + " carries no record of how it was made; from_image= needs a picture as this program or"
                        + " AUTOMATIC1111's wrote it"));
        return ParametersText.read(parameters, otherwise);
    }

    private static Optional<String> own(Metadata metadata) {
        Optional<String> png = text(metadata, PngEncoder.OWN);
        if (png.isPresent()) {
            return png;
        }
        for (JpegCommentDirectory directory : metadata.getDirectoriesOfType(JpegCommentDirectory.class)) {
            var comment = directory.getStringValue(JpegCommentDirectory.TAG_COMMENT);
            String value = comment == null ? "" : comment.toString(StandardCharsets.UTF_8);
            if (value.startsWith(PngEncoder.OWN + " ")) {
                return Optional.of(value.substring(PngEncoder.OWN.length() + 1));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> parameters(Metadata metadata) {
        Optional<String> png = text(metadata, PngEncoder.PARAMETERS);
        if (png.isPresent()) {
            return png;
        }
        for (ExifSubIFDDirectory directory : metadata.getDirectoriesOfType(ExifSubIFDDirectory.class)) {
            byte[] comment = directory.getByteArray(ExifSubIFDDirectory.TAG_USER_COMMENT);
            if (comment != null && comment.length > 8) {
                boolean wide = new String(comment, 0, 7, StandardCharsets.US_ASCII).equals("UNICODE");
                return Optional.of(new String(
                        comment, 8, comment.length - 8, wide ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> text(Metadata metadata, String keyword) {
        for (PngDirectory directory : metadata.getDirectoriesOfType(PngDirectory.class)) {
            Object pairs = directory.getObject(PngDirectory.TAG_TEXTUAL_DATA);
            if (pairs instanceof List<?> list) {
                for (Object each : list) {
                    if (each instanceof KeyValuePair pair && keyword.equals(pair.getKey())) {
                        boolean international = directory.getName().contains("iTXt");
                        return Optional.of(
                                international
                                        ? pair.getValue().toString(StandardCharsets.UTF_8)
                                        : pair.getValue().toString(StandardCharsets.ISO_8859_1));
                    }
                }
            }
        }
        return Optional.empty();
    }
}
