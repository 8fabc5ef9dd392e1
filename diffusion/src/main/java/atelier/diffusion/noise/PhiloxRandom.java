package atelier.diffusion.noise;

/**
 * The noise that {@code torch.randn(..., device="cuda")} draws, computed on the CPU: Philox 4x32 with ten rounds
 * (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) keyed by the seed, one counter an element, and
 * cuRAND's Box-Muller of the first two words.
 *
 * <p>It holds while a GPU gives every element a thread of its own, which is so for the latents of a picture on any
 * GPU of today; a longer tensor, whose threads draw several numbers each, depends on the GPU and is not reproduced.
 */
public final class PhiloxRandom implements RandomSource {
    private static final int ROUNDS = 10;
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final float TWO_POW_32_INV = 2.3283064e-10f;
    private static final float TWO_POW_32_INV_2PI = 2.3283064e-10f * 6.2831855f;

    private final long seed;
    private int offset;

    public PhiloxRandom(long seed) {
        this.seed = seed;
    }

    @Override
    public float[] normal(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            int[] words = block(seed, offset, 0, i, 0);
            values[i] = boxMuller(words[0], words[1]);
        }
        // Four numbers of a counter's block belong to the one thread, so the next call goes on at the next block.
        offset++;
        return values;
    }

    /** The sine's half of Box-Muller; cuRAND keeps each uniform number half a step away from 0. */
    private static float boxMuller(int x, int y) {
        float u = toFloat(x) * TWO_POW_32_INV + TWO_POW_32_INV / 2;
        float v = toFloat(y) * TWO_POW_32_INV_2PI + TWO_POW_32_INV_2PI / 2;
        float s = (float) Math.sqrt(-2 * (float) Math.log(u));
        return s * (float) Math.sin(v);
    }

    private static float toFloat(int unsigned) {
        return (float) Integer.toUnsignedLong(unsigned);
    }

    /** One block of four 32-bit words for a counter of four words. */
    static int[] block(long seed, int c0, int c1, int c2, int c3) {
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long p1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c0 = n0;
            c1 = (int) p1;
            c2 = n2;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return new int[] {c0, c1, c2, c3};
    }
}
