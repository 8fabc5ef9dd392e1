package atelier.datasets.decode;

import atelier.datasets.decode.header.BadImageException;

/** PNG's five ways to predict a byte from those to the left and above, undone in place. */
final class PngFilters {
    private PngFilters() {}

    /**
     * @param line the filter's number, then the line's bytes
     * @param above the line before, already undone; zeros for the first
     * @param step bytes from a pixel to its left neighbour
     */
    static void undo(byte[] line, byte[] above, int step) throws BadImageException {
        switch (line[0]) {
            case 0 -> {
                // stored as it is
            }
            case 1 -> left(line, step);
            case 2 -> up(line, above);
            case 3 -> average(line, above, step);
            case 4 -> paeth(line, above, step);
            default -> throw new BadImageException("uses a filter that PNG does not know");
        }
    }

    private static void left(byte[] line, int step) {
        for (int i = 1 + step; i < line.length; i++) {
            line[i] += line[i - step];
        }
    }

    private static void up(byte[] line, byte[] above) {
        for (int i = 1; i < line.length; i++) {
            line[i] += above[i];
        }
    }

    private static void average(byte[] line, byte[] above, int step) {
        for (int i = 1; i < Math.min(1 + step, line.length); i++) {
            line[i] += (byte) ((above[i] & 255) >> 1);
        }
        for (int i = 1 + step; i < line.length; i++) {
            line[i] += (byte) (((line[i - step] & 255) + (above[i] & 255)) >> 1);
        }
    }

    private static void paeth(byte[] line, byte[] above, int step) {
        for (int i = 1; i < Math.min(1 + step, line.length); i++) {
            line[i] += above[i];
        }
        // A channel at a time, so that left and upper left stay in registers.
        for (int channel = 1; channel <= step; channel++) {
            if (channel >= line.length) {
                return;
            }
            int a = line[channel] & 255;
            int c = above[channel] & 255;
            for (int i = channel + step; i < line.length; i += step) {
                int b = above[i] & 255;
                int pa = b - c;
                int pb = a - c;
                int pc = Math.abs(pa + pb);
                pa = Math.abs(pa);
                pb = Math.abs(pb);
                int predicted = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
                a = line[i] + predicted & 255;
                line[i] = (byte) a;
                c = b;
            }
        }
    }
}
