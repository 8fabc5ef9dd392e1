package atelier.datasets.decode;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** A photograph, large enough to be decoded by the library, as encoded files. */
public final class LargePictures {
    private LargePictures() {}

    /** 320 x 224 pixels. */
    public static Pixels picture() throws IOException {
        return Lanczos.resize(Golden.decode("bridge-1-original.jpg"), 320, 224);
    }

    /** @param kind jpg, png, or alpha.png for one with an opacity of 255 everywhere */
    public static byte[] encoded(String kind) throws IOException {
        Pixels picture = picture();
        int type = kind.equals("alpha.png") ? BufferedImage.TYPE_4BYTE_ABGR : BufferedImage.TYPE_3BYTE_BGR;
        BufferedImage image = new BufferedImage(picture.width(), picture.height(), type);
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int rgb = picture.at(x, y, 0) << 16 | picture.at(x, y, 1) << 8 | picture.at(x, y, 2);
                image.setRGB(x, y, 0xFF000000 | rgb);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, kind.substring(kind.lastIndexOf('.') + 1), out);
        return out.toByteArray();
    }

    /** As the Java runtime's own readers decode it. */
    public static Pixels byRuntime(byte[] file) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
        byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
        for (int y = 0, o = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int colour = image.getRGB(x, y);
                rgb[o++] = (byte) (colour >> 16);
                rgb[o++] = (byte) (colour >> 8);
                rgb[o++] = (byte) colour;
            }
        }
        return new Pixels(image.getWidth(), image.getHeight(), rgb);
    }
}
