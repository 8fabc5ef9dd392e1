package atelier.evaluation.audit;

import atelier.common.image.Pixels;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Synthetic pictures and features: blots at places that follow from a seed. */
public final class Drawn {
    static final int SIDE = 64;

    private Drawn() {}

    /** A white picture with some dark squares. */
    public static Pixels picture(long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, (byte) 255);
        for (int blot = 0; blot < 8; blot++) {
            int left = random.nextInt(SIDE - 16);
            int top = random.nextInt(SIDE - 16);
            int shade = random.nextInt(160);
            for (int y = top; y < top + 16; y++) {
                for (int x = left; x < left + 16; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        rgb[3 * (y * SIDE + x) + channel] = (byte) shade;
                    }
                }
            }
        }
        return new Pixels(SIDE, SIDE, rgb);
    }

    /** The picture with every value moved by noise of this deviation, of 255. */
    public static Pixels noisy(Pixels picture, double deviation, long seed) {
        Random random = new Random(seed);
        byte[] rgb = picture.rgb().clone();
        for (int i = 0; i < rgb.length; i++) {
            double value = (rgb[i] & 255) + deviation * random.nextGaussian();
            rgb[i] = (byte) Math.max(0, Math.min(255, Math.round(value)));
        }
        return new Pixels(picture.width(), picture.height(), rgb);
    }

    /** Values of a coarse grid, less their mean: pictures that look alike lie close. */
    public static float[][] features(List<Pixels> pictures) {
        return pictures.stream().map(Drawn::features).toArray(float[][]::new);
    }

    private static float[] features(Pixels picture) {
        int cells = 16;
        float[] sums = new float[cells * cells];
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                sums[y * cells / picture.height() * cells + x * cells / picture.width()] += picture.at(x, y, 0);
            }
        }
        float mean = 0;
        for (float sum : sums) {
            mean += sum / sums.length;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] -= mean;
        }
        return sums;
    }
}
