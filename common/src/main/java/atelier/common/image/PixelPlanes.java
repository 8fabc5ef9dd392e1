package atelier.common.image;

import java.awt.image.BufferedImage;

/** Pictures as the networks see them: planes of red, green and blue in [-1, 1], and back. */
public final class PixelPlanes {
    private PixelPlanes() {}

    /** [3, height, width]. */
    public static float[] of(BufferedImage picture) {
        int width = picture.getWidth();
        int plane = width * picture.getHeight();
        float[] values = new float[3 * plane];
        for (int i = 0; i < plane; i++) {
            int rgb = picture.getRGB(i % width, i / width);
            for (int channel = 0; channel < 3; channel++) {
                int value = (rgb >> (16 - 8 * channel)) & 0xff;
                values[channel * plane + i] = 2 * (value / 255f) - 1;
            }
        }
        return values;
    }

    /** The picture of planes [3, height, width], cut to [-1, 1] and rounded half to even, as NumPy rounds. */
    public static BufferedImage picture(float[] values, int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int plane = width * height;
        for (int i = 0; i < plane; i++) {
            int rgb = 0;
            for (int channel = 0; channel < 3; channel++) {
                float unit = Math.max(0, Math.min(1, values[channel * plane + i] / 2 + 0.5f));
                rgb = rgb << 8 | (int) Math.rint(unit * 255f);
            }
            picture.setRGB(i % width, i / width, rgb);
        }
        return picture;
    }

    /** 1 where the mask is at least half white, else 0; [height, width]. */
    public static float[] mask(BufferedImage mask) {
        int width = mask.getWidth();
        float[] values = new float[width * mask.getHeight()];
        for (int i = 0; i < values.length; i++) {
            int rgb = mask.getRGB(i % width, i / width);
            // ITU-R 601 luma in whole numbers, as Pillow converts to grey.
            int luma =
                    (((rgb >> 16) & 0xff) * 19595 + ((rgb >> 8) & 0xff) * 38470 + (rgb & 0xff) * 7471 + 0x8000) >> 16;
            values[i] = luma / 255f >= 0.5f ? 1 : 0;
        }
        return values;
    }

    /** Every factor-th value of both sides, the first of each block. */
    public static float[] nearest(float[] values, int width, int height, int factor) {
        int narrow = width / factor;
        float[] small = new float[narrow * (height / factor)];
        for (int i = 0; i < small.length; i++) {
            small[i] = values[i / narrow * factor * width + i % narrow * factor];
        }
        return small;
    }
}
