package atelier.inference.picture;

import atelier.common.error.WrongCommandException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** JPEG with the parameters in EXIF's UserComment, our own JSON as a comment, XMP; colours are not subsampled. */
final class JpegEncoder {
    private static final String FORMAT = "javax_imageio_jpeg_image_1.0";
    private static final int APP1 = 0xE1;
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] XMP = "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.US_ASCII);
    /** A segment's length field has two bytes and counts itself. */
    private static final int LONGEST = 65533;

    private JpegEncoder() {}

    static byte[] encode(BufferedImage picture, @Nullable GenerationParameters record, int quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality / 100f);
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), parameters);
            Node root = metadata.getAsTree(FORMAT);
            Node sequence = root.getLastChild();
            keepColours(sequence);
            if (record != null) {
                // Readers look for EXIF before other segments.
                segment(sequence, 0, APP1, EXIF, Exif.userComment(ParametersText.of(record)));
                segment(sequence, 1, APP1, XMP, Xmp.packet(record).getBytes(StandardCharsets.UTF_8));
                comment(sequence, PngEncoder.OWN + " " + record.toJson());
            }
            metadata.setFromTree(FORMAT, root);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
                writer.setOutput(out);
                writer.write(null, new IIOImage(picture, null, metadata), parameters);
            }
            return bytes.toByteArray();
        } finally {
            writer.dispose();
        }
    }

    private static void segment(Node sequence, int place, int marker, byte[] head, byte[] body) {
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        if (whole.length > LONGEST) {
            throw new WrongCommandException("the prompt is too long for a JPEG's metadata (64 KiB); use format=png");
        }
        IIOMetadataNode node = new IIOMetadataNode("unknown");
        node.setAttribute("MarkerTag", String.valueOf(marker));
        node.setUserObject(whole);
        sequence.insertBefore(node, sequence.getChildNodes().item(place));
    }

    private static void comment(Node sequence, String text) {
        IIOMetadataNode node = new IIOMetadataNode("com");
        node.setUserObject(text.getBytes(StandardCharsets.UTF_8));
        sequence.insertBefore(node, sequence.getChildNodes().item(2));
    }

    /** One colour sample a pixel: the writer would keep one of four, which blurs lines between strong colours. */
    private static void keepColours(Node sequence) {
        NodeList children = sequence.getChildNodes();
        for (int i = 0; i < children.getLength(); i++) {
            if (children.item(i).getNodeName().equals("sof")
                    && children.item(i).getFirstChild() instanceof IIOMetadataNode first) {
                first.setAttribute("HsamplingFactor", "1");
                first.setAttribute("VsamplingFactor", "1");
            }
        }
    }
}
