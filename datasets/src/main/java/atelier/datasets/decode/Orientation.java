package atelier.datasets.decode;

import atelier.common.image.Pixels;

/** Sets pictures upright as EXIF's orientation 1 to 8 asks. */
final class Orientation {
    private Orientation() {}

    static Pixels upright(Pixels in, int orientation) {
        return switch (orientation) {
            case 2 -> in.flipped();
            case 3, 4, 5, 6, 7, 8 -> moved(in, orientation);
            default -> in;
        };
    }

    private static Pixels moved(Pixels in, int orientation) {
        int w = in.width();
        int h = in.height();
        int width = orientation > 4 ? h : w;
        int height = orientation > 4 ? w : h;
        byte[] from = in.rgb();
        byte[] out = new byte[from.length];
        for (int y = 0, o = 0; y < height; y++) {
            for (int x = 0; x < width; x++, o += 3) {
                int i = 3
                        * switch (orientation) {
                            case 3 -> (h - 1 - y) * w + w - 1 - x;
                            case 4 -> (h - 1 - y) * w + x;
                            case 5 -> x * w + y;
                            case 6 -> (h - 1 - x) * w + y;
                            case 7 -> (h - 1 - x) * w + w - 1 - y;
                            default -> x * w + w - 1 - y;
                        };
                out[o] = from[i];
                out[o + 1] = from[i + 1];
                out[o + 2] = from[i + 2];
            }
        }
        return new Pixels(width, height, out);
    }
}
