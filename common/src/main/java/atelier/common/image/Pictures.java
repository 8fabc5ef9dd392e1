package atelier.common.image;

import java.awt.image.BufferedImage;
import java.util.List;

/** Pictures between the forms that drawing, decoding and comparing use. */
public final class Pictures {
    private Pictures() {}

    /** A drawn picture as pixels. */
    public static Pixels of(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            picture.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int at = 3 * (y * width + x);
                rgb[at] = (byte) (row[x] >> 16);
                rgb[at + 1] = (byte) (row[x] >> 8);
                rgb[at + 2] = (byte) row[x];
            }
        }
        return new Pixels(width, height, rgb);
    }

    /** Drawn pictures as pixels. */
    public static List<Pixels> of(List<BufferedImage> pictures) {
        return pictures.stream().map(Pictures::of).toList();
    }

    /** Pixels as an image that can be written or laid out. */
    public static BufferedImage image(Pixels pixels) {
        BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < pixels.height(); y++) {
            for (int x = 0; x < pixels.width(); x++) {
                image.setRGB(x, y, pixels.at(x, y, 0) << 16 | pixels.at(x, y, 1) << 8 | pixels.at(x, y, 2));
            }
        }
        return image;
    }
}
