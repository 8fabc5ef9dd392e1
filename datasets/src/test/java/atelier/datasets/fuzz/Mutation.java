package atelier.datasets.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages files: bytes changed, runs cut, doubled or overwritten, lengths made extreme, the end cut off. */
public final class Mutation {
    private static final int[] EXTREMES = {0, 1, 0x7F, 0x80, 0xFF};

    private Mutation() {}

    public static byte[] of(byte[] file, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] bytes = file.clone();
        int rounds = 1 + random.nextInt(4);
        for (int i = 0; i < rounds && bytes.length > 0; i++) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, SplittableRandom random) {
        int at = position(bytes, random);
        int run = Math.min(1 + random.nextInt(8), bytes.length - at);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] = (byte) random.nextInt(256);
            case 1 -> Arrays.fill(bytes, at, at + run, (byte) EXTREMES[random.nextInt(EXTREMES.length)]);
            case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                byte[] out = new byte[bytes.length - run];
                System.arraycopy(bytes, 0, out, 0, at);
                System.arraycopy(bytes, at + run, out, at, bytes.length - at - run);
                return out;
            }
            default -> {
                int from = position(bytes, random);
                int size = Math.min(1 + random.nextInt(64), bytes.length - from);
                byte[] out = new byte[bytes.length + size];
                System.arraycopy(bytes, 0, out, 0, at);
                System.arraycopy(bytes, from, out, at, size);
                System.arraycopy(bytes, at, out, at + size, bytes.length - at);
                return out;
            }
        }
        return bytes;
    }

    /** Half of the time near the start, where headers are. */
    private static int position(byte[] bytes, SplittableRandom random) {
        return random.nextInt(random.nextBoolean() ? Math.min(128, bytes.length) : bytes.length);
    }
}
