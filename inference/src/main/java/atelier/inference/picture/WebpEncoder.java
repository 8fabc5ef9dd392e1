package atelier.inference.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * WebP, without loss at quality 100, with the parameters in EXIF's UserComment and XMP. The encoder writes the plain form;
 * metadata needs the extended one (RIFF container, chunks VP8X, EXIF, XMP), which is put around it here.
 */
final class WebpEncoder {
    private static final int HAS_EXIF = 0x08;
    private static final int HAS_XMP = 0x04;
    private static final int CONTAINER_HEADER = 12;

    private WebpEncoder() {}

    static byte[] encode(BufferedImage picture, @Nullable GenerationParameters record, int quality) throws IOException {
        byte[] plain = plain(picture, quality);
        if (record == null) {
            return plain;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
        chunk(body, "VP8X", extended(picture.getWidth(), picture.getHeight()));
        body.write(plain, CONTAINER_HEADER, plain.length - CONTAINER_HEADER);
        chunk(body, "EXIF", Exif.userComment(ParametersText.of(record)));
        chunk(body, "XMP ", Xmp.packet(record).getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        chunk(whole, "RIFF", body.toByteArray());
        return whole.toByteArray();
    }

    private static byte[] plain(BufferedImage picture, int quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByMIMEType("image/webp").next();
        try {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionType(quality == 100 ? "Lossless" : "Lossy");
            parameters.setCompressionQuality(quality / 100f);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
                writer.setOutput(out);
                writer.write(null, new IIOImage(picture, null, null), parameters);
            }
            return bytes.toByteArray();
        } finally {
            writer.dispose();
        }
    }

    /** Flags, then width and height less one in 24 bits each. */
    private static byte[] extended(int width, int height) {
        return new byte[] {
            HAS_EXIF | HAS_XMP,
            0,
            0,
            0,
            (byte) (width - 1),
            (byte) ((width - 1) >> 8),
            (byte) ((width - 1) >> 16),
            (byte) (height - 1),
            (byte) ((height - 1) >> 8),
            (byte) ((height - 1) >> 16)
        };
    }

    private static void chunk(ByteArrayOutputStream out, String name, byte[] data) {
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(data.length)
                .array());
        out.writeBytes(data);
        if (data.length % 2 == 1) {
            out.write(0);
        }
    }
}
