package atelier.trainer.optimizer.rule;

import java.util.Arrays;

/**
 * The 256 numbers in [-1, 1] or [0, 1] that a byte of a block-wise quantised moment stands for (Dettmers 2016, "8-Bit
 * Approximations for Parallelism in Deep Learning"): seven decades, each with as many steps as its exponent leaves bits
 * for, with zero and one. Rounded as bitsandbytes' create_dynamic_map rounds.
 */
final class DynamicCodes {
    private static final int DECADES = 7;

    private DynamicCodes() {}

    static float[] signed() {
        return codes(true);
    }

    static float[] unsigned() {
        return codes(false);
    }

    private static float[] codes(boolean signed) {
        float[] codes = new float[256];
        int at = 0;
        for (int i = 0; i < DECADES; i++) {
            int steps = signed ? 1 << i : 1 << (i + 1);
            float decade = (float) Math.pow(10, i - DECADES + 1);
            for (int j = 0; j < steps; j++) {
                float mean = (boundary(j, steps) + boundary(j + 1, steps)) / 2;
                codes[at++] = decade * mean;
                if (signed) {
                    codes[at++] = -decade * mean;
                }
            }
        }
        codes[at++] = 0;
        codes[at++] = 1;
        if (at != codes.length) {
            throw new IllegalStateException("a byte has 256 codes, got " + at);
        }
        Arrays.sort(codes);
        return codes;
    }

    /** torch.linspace(0.1, 1, steps + 1): counted from the nearer end, with one rounding. */
    private static float boundary(int j, int steps) {
        float step = (1f - 0.1f) / steps;
        return j < (steps + 1) / 2 ? Math.fma(step, j, 0.1f) : Math.fma(-step, steps - j, 1f);
    }
}
