package atelier.inference.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The Python package's own decoder reads it in scripts/conformance/pictures/watermark.py. */
class InvisibleWatermarkTest {
    @Test
    void theBitsCanBeReadBack() {
        BufferedImage picture = gradient(320, 264);
        InvisibleWatermark.embed(picture);
        assertThat(read(picture)).isEqualTo("StableDiffusionV1");
    }

    @Test
    void thePictureHardlyChanges() {
        BufferedImage before = gradient(256, 256);
        BufferedImage after = gradient(256, 256);
        InvisibleWatermark.embed(after);
        double squares = 0;
        for (int i = 0; i < 256 * 256; i++) {
            for (int shift = 0; shift <= 16; shift += 8) {
                int a = (before.getRGB(i % 256, i / 256) >> shift) & 0xff;
                int b = (after.getRGB(i % 256, i / 256) >> shift) & 0xff;
                squares += (a - b) * (a - b);
            }
        }
        double decibel = 10 * Math.log10(255 * 255 / (squares / (3 * 256 * 256)));
        assertThat(decibel).isGreaterThan(35);
    }

    @Test
    void smallPicturesCannotCarryIt() {
        assertThat(InvisibleWatermark.fits(256, 255)).isFalse();
        assertThatThrownBy(() -> InvisibleWatermark.embed(gradient(64, 64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64x64 cannot carry the watermark");
    }

    private static BufferedImage gradient(int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int x = i % width;
            int y = i / width;
            int blue = 60 + (x * 7 + y * 3) % 120;
            picture.setRGB(x, y, (60 + x / 3 % 120) << 16 | (60 + y / 2 % 120) << 8 | blue);
        }
        return picture;
    }

    /** The decoder's rule, written anew: the place of each block's largest coefficient within its step of 36. */
    private static String read(BufferedImage picture) {
        int[] votes = new int[136];
        int[] ones = new int[136];
        int block = 0;
        for (int row = 0; row < picture.getHeight() / 4 * 2 / 4; row++) {
            for (int column = 0; column < picture.getWidth() / 4 * 2 / 4; column++) {
                double best = 0;
                for (int i = 1; i < 16; i++) {
                    best = Math.max(best, coefficient(picture, column * 4 + i % 4, row * 4 + i / 4));
                }
                ones[block % 136] += best % 36 > 18 ? 1 : 0;
                votes[block % 136]++;
                block++;
            }
        }
        byte[] text = new byte[17];
        for (int bit = 0; bit < 136; bit++) {
            if (2 * ones[bit] > votes[bit]) {
                text[bit / 8] |= (byte) (1 << (7 - bit % 8));
            }
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    private static double coefficient(BufferedImage picture, int x, int y) {
        double sum = 0;
        for (int pixel = 0; pixel < 4; pixel++) {
            int rgb = picture.getRGB(2 * x + pixel % 2, 2 * y + pixel / 2);
            double luma = 0.299 * ((rgb >> 16) & 0xff) + 0.587 * ((rgb >> 8) & 0xff) + 0.114 * (rgb & 0xff);
            sum += Math.rint(0.492 * ((rgb & 0xff) - luma) + 128);
        }
        return sum / 2;
    }
}
