package atelier.diffusion.noise;

/**
 * PyTorch's CPU generator: after {@code new TorchRandom(s)} the calls give what {@code torch.manual_seed(s)} and the
 * same calls of {@code torch.randn}, {@code torch.rand} and {@code torch.randint} give in float32.
 *
 * <p>The integer stream and uniform numbers are bit-equal. Normal numbers go through logarithm, sine and cosine, which
 * PyTorch itself approximates differently on each kind of processor; here they are rounded once from double precision,
 * and differ from PyTorch's by a few units in the last place at most.
 */
public final class TorchRandom implements RandomSource {
    /** At this many elements torch.randn changes from one double at a time to blocks of sixteen floats. */
    private static final int BLOCK = 16;

    private static final float TO_UNIT_FLOAT = 0x1p-24f;
    private static final double TO_UNIT_DOUBLE = 0x1p-53;

    private final MersenneTwister engine;
    private double cachedNormal = Double.NaN;

    public TorchRandom(long seed) {
        engine = new MersenneTwister(seed);
    }

    /**
     * {@code torch.randn(count)}. The split into calls matters: a call's length picks the method, and a length that is
     * no multiple of 16 draws its last 16 numbers anew.
     */
    @Override
    public float[] normal(int count) {
        return count < BLOCK ? normalOneByOne(count) : normalInBlocks(count);
    }

    /** {@code torch.rand(count)}: uniform in [0, 1), 24 bits each. */
    public float[] uniform(int count) {
        float[] values = new float[count];
        fillUniform(values, 0, count);
        return values;
    }

    private float[] normalInBlocks(int count) {
        float[] values = new float[count];
        fillUniform(values, 0, count);
        for (int start = 0; start + BLOCK <= count; start += BLOCK) {
            boxMuller(values, start);
        }
        if (count % BLOCK != 0) {
            fillUniform(values, count - BLOCK, BLOCK);
            boxMuller(values, count - BLOCK);
        }
        return values;
    }

    /** Sixteen uniform numbers become sixteen normal ones, number j paired with j + 8. */
    private static void boxMuller(float[] values, int start) {
        for (int j = start; j < start + BLOCK / 2; j++) {
            float u1 = 1 - values[j];
            float u2 = values[j + BLOCK / 2];
            float radius = (float) Math.sqrt(-2 * (float) Math.log(u1));
            float theta = (float) (2 * Math.PI) * u2;
            values[j] = radius * (float) Math.cos(theta);
            values[j + BLOCK / 2] = radius * (float) Math.sin(theta);
        }
    }

    private float[] normalOneByOne(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) nextNormalDouble();
        }
        return values;
    }

    /** Box-Muller in double precision; the sine's half waits for the next call, even of a later tensor. */
    private double nextNormalDouble() {
        if (!Double.isNaN(cachedNormal)) {
            double cached = cachedNormal;
            cachedNormal = Double.NaN;
            return cached;
        }
        double u1 = nextUniformDouble();
        double u2 = nextUniformDouble();
        double radius = Math.sqrt(-2 * Math.log1p(-u2));
        double theta = 2 * Math.PI * u1;
        cachedNormal = radius * Math.sin(theta);
        return radius * Math.cos(theta);
    }

    private double nextUniformDouble() {
        return (engine.nextLong() & ((1L << 53) - 1)) * TO_UNIT_DOUBLE;
    }

    private void fillUniform(float[] values, int start, int count) {
        for (int i = start; i < start + count; i++) {
            values[i] = (engine.nextInt() & ((1 << 24) - 1)) * TO_UNIT_FLOAT;
        }
    }
}
