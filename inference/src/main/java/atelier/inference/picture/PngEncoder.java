package atelier.inference.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;

/** PNG with the record as text chunks: parameters for others' programs, our own JSON, XMP. */
final class PngEncoder {
    static final String PARAMETERS = "parameters";
    static final String OWN = "atelier";
    private static final String XMP = "XML:com.adobe.xmp";
    private static final String FORMAT = "javax_imageio_png_1.0";

    private PngEncoder() {}

    static byte[] encode(BufferedImage picture, @Nullable GenerationParameters record) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try {
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), null);
            if (record != null) {
                IIOMetadataNode root = new IIOMetadataNode(FORMAT);
                IIOMetadataNode plain = new IIOMetadataNode("tEXt");
                IIOMetadataNode international = new IIOMetadataNode("iTXt");
                add(plain, international, PARAMETERS, ParametersText.of(record));
                add(plain, international, OWN, record.toJson());
                international.appendChild(international(XMP, Xmp.packet(record)));
                if (plain.hasChildNodes()) {
                    root.appendChild(plain);
                }
                root.appendChild(international);
                metadata.mergeTree(FORMAT, root);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
                writer.setOutput(out);
                writer.write(new IIOImage(picture, null, metadata));
            }
            return bytes.toByteArray();
        } finally {
            writer.dispose();
        }
    }

    /** Latin-1 text goes to tEXt, which older readers know alone; other text to iTXt, which is UTF-8. */
    private static void add(IIOMetadataNode plain, IIOMetadataNode international, String keyword, String text) {
        if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
            IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("value", text);
            plain.appendChild(entry);
        } else {
            international.appendChild(international(keyword, text));
        }
    }

    private static IIOMetadataNode international(String keyword, String text) {
        IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
        entry.setAttribute("keyword", keyword);
        entry.setAttribute("compressionFlag", "FALSE");
        entry.setAttribute("compressionMethod", "0");
        entry.setAttribute("languageTag", "");
        entry.setAttribute("translatedKeyword", "");
        entry.setAttribute("text", text);
        return entry;
    }
}
