package atelier.datasets.decode;

import atelier.datasets.decode.header.ImageHeader;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** A GIF's first frame may cover a part of the canvas only; the rest of it is transparent. */
final class GifFrame {
    private static final String FORMAT = "javax_imageio_gif_image_1.0";

    private GifFrame() {}

    static DecodedSamples onCanvas(DecodedSamples frame, ImageHeader header, ImageReader reader) throws IOException {
        if (frame.width() == header.width() && frame.height() == header.height()) {
            return frame;
        }
        IIOMetadata metadata = reader.getImageMetadata(0);
        NodeList found = ((Element) metadata.getAsTree(FORMAT)).getElementsByTagName("ImageDescriptor");
        Element descriptor = (Element) found.item(0);
        int left = Integer.parseInt(descriptor.getAttribute("imageLeftPosition"));
        int top = Integer.parseInt(descriptor.getAttribute("imageTopPosition"));
        byte[] out = new byte[Math.multiplyExact(4 * header.width(), header.height())];
        int channels = frame.channels();
        for (int y = 0; y < frame.height() && top + y < header.height(); y++) {
            for (int x = 0; x < frame.width() && left + x < header.width(); x++) {
                int from = (y * frame.width() + x) * channels;
                int to = ((top + y) * header.width() + left + x) * 4;
                System.arraycopy(frame.samples(), from, out, to, 3);
                out[to + 3] = frame.alpha() ? frame.samples()[from + 3] : (byte) 255;
            }
        }
        return new DecodedSamples(header.width(), header.height(), 3, true, out);
    }
}
