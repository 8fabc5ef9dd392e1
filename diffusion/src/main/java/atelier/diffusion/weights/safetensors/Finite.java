package atelier.diffusion.weights.safetensors;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Looks for NaN and infinity in weights. One such number turns every picture black and goes into every file that is made
 * of it, so whoever reads weights refuses them.
 *
 * <p>All ones in the exponent mark both. Adding one to the exponent's lowest bit then carries into the sign's place, for
 * all the elements that a long holds at once; e4m3 has no infinity, and NaN alone has all ones in both fields.
 */
public final class Finite {
    private static final int CHUNK = 1 << 20;

    private Finite() {}

    /** Whether each element is a finite number; true for types that are not floating. */
    public static boolean isFinite(TensorView tensor) {
        return switch (tensor.dtype()) {
            case F64 -> scan(tensor, 0x7ff0000000000000L, 0x0010000000000000L, 0x8000000000000000L);
            case F32 -> scan(tensor, 0x7f8000007f800000L, 0x0080000000800000L, 0x8000000080000000L);
            case F16 -> scan(tensor, 0x7c007c007c007c00L, 0x0400040004000400L, 0x8000800080008000L);
            case BF16 -> scan(tensor, 0x7f807f807f807f80L, 0x0080008000800080L, 0x8000800080008000L);
            case F8_E5M2 -> scan(tensor, 0x7c7c7c7c7c7c7c7cL, 0x0404040404040404L, 0x8080808080808080L);
            case F8_E4M3 -> scan(tensor, 0x7f7f7f7f7f7f7f7fL, 0x0101010101010101L, 0x8080808080808080L);
            case BOOL,
                    F4,
                    F6_E2M3,
                    F6_E3M2,
                    U8,
                    I8,
                    F8_E8M0,
                    F8_E4M3FNUZ,
                    F8_E5M2FNUZ,
                    I16,
                    U16,
                    I32,
                    U32,
                    C64,
                    I64,
                    U64 -> true;
        };
    }

    /**
     * Checks a tensor.
     *
     * @param place the file, or folder and network
     * @param name the tensor's
     * @throws WeightsException when an element is NaN or infinite
     */
    public static void require(String place, String name, TensorView tensor) {
        if (!isFinite(tensor)) {
            throw new WeightsException(place + ": the tensor '" + name + "' holds " + fact(tensor)
                    + ", so every picture would be spoilt; fetch the file again, or take one saved before its training"
                    + " went wrong");
        }
    }

    private static String fact(TensorView tensor) {
        float[] values = tensor.toFloats();
        int nan = 0;
        int infinite = 0;
        for (float value : values) {
            nan += Float.isNaN(value) ? 1 : 0;
            infinite += Float.isInfinite(value) ? 1 : 0;
        }
        return nan + infinite == 0
                ? "numbers too large for fp32"
                : nan + " NaN and " + infinite + " infinite of " + values.length + " numbers";
    }

    private static boolean scan(TensorView tensor, long exponent, long carry, long sign) {
        ByteBuffer data = tensor.data();
        int bytes = data.remaining();
        int chunks = (bytes + CHUNK - 1) / CHUNK;
        IntStream range = IntStream.range(0, chunks);
        return (chunks > 4 ? range.parallel() : range)
                .allMatch(i ->
                        clean(data, i * CHUNK, Math.min(bytes, (i + 1) * CHUNK), new long[] {exponent, carry, sign}));
    }

    private static boolean clean(ByteBuffer data, int from, int to, long[] masks) {
        long exponent = masks[0];
        long carry = masks[1];
        long carried = 0;
        int at = from;
        for (; at + 8 <= to; at += 8) {
            carried |= (data.getLong(at) & exponent) + carry;
        }
        if (at < to) {
            byte[] rest = new byte[8];
            data.get(at, rest, 0, to - at);
            carried |=
                    (ByteBuffer.wrap(Arrays.copyOf(rest, 8)).order(data.order()).getLong(0) & exponent) + carry;
        }
        return (carried & masks[2]) == 0;
    }
}
