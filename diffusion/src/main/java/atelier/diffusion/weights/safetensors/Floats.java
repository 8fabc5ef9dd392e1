package atelier.diffusion.weights.safetensors;

import atelier.common.error.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/**
 * Conversions between the floating types, as pure functions. Narrowing rounds to nearest, ties to even; NaN stays NaN,
 * overflow becomes infinity, as IEEE 754 has it. fp8 follows "FP8 Formats for Deep Learning" (Micikevicius et al.,
 * 2022): e4m3 has no infinity and reaches 448, e5m2 is fp16's upper byte.
 */
public final class Floats {
    private static final int CHUNK = 1 << 16;
    private static final float[] E4M3 = e4m3Table();
    /** Every half: looking up is faster than working out. */
    private static final float[] F16 = f16Table();

    private Floats() {}

    /** fp16 bits to fp32, exact. */
    public static float fromF16(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
    }

    /** fp32 to fp16 bits; magnitudes from 65520 on become infinity. */
    public static short toF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            // Keep a NaN's upper payload, and make sure that something of it is left.
            return (short) (sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
        }
        if (magnitude >= 0x477ff000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            // Below the smallest normal half the steps are 2^-24; adding 0.5 leaves the rounding to fp32's own.
            int subnormal = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
            return (short) (sign | subnormal);
        }
        int rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
        return (short) (sign | (rounded - 0x38000000) >> 13);
    }

    /** bf16 bits to fp32, exact. */
    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** fp32 to bf16 bits. */
    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
    }

    /** fp8 e4m3 (finite only, bias 7) to fp32, exact. */
    public static float fromE4m3(byte bits) {
        return E4M3[bits & 0xff];
    }

    /** fp8 e5m2 (bias 15) to fp32, exact. */
    public static float fromE5m2(byte bits) {
        return fromF16((short) (bits << 8));
    }

    private static float[] f16Table() {
        float[] table = new float[1 << 16];
        for (int bits = 0; bits < table.length; bits++) {
            table[bits] = fromF16((short) bits);
        }
        return table;
    }

    private static float[] e4m3Table() {
        float[] table = new float[256];
        for (int bits = 0; bits < 256; bits++) {
            int exponent = bits >> 3 & 0xf;
            int fraction = bits & 7;
            float magnitude = exponent == 0 ? fraction * 0x1p-9f : Math.scalb(1 + fraction / 8f, exponent - 7);
            if ((bits & 0x7f) == 0x7f) {
                magnitude = Float.NaN;
            }
            table[bits] = (bits & 0x80) == 0 ? magnitude : -magnitude;
        }
        return table;
    }

    /** A floating tensor's elements as fp32. */
    static float[] widen(TensorView tensor) {
        float[] out = new float[Math.toIntExact(tensor.elements())];
        if (tensor.dtype() == DType.F32) {
            tensor.data().asFloatBuffer().get(out);
            return out;
        }
        chunks(out.length, (from, count) -> {
            float[] part = widen(part(tensor.data(), tensor.dtype(), from, count), tensor.dtype(), count);
            System.arraycopy(part, 0, out, from, count);
        });
        return out;
    }

    /**
     * The first element of a tensor of real numbers, whatever its type: a file's alpha may be a float or a whole number.
     *
     * @throws IllegalArgumentException for the packed and complex types
     */
    public static double number(TensorView tensor) {
        ByteBuffer data = tensor.data();
        return switch (tensor.dtype()) {
            case F64 -> data.getDouble(0);
            case F32 -> data.getFloat(0);
            case F16 -> fromF16(data.getShort(0));
            case BF16 -> fromBf16(data.getShort(0));
            case F8_E4M3 -> fromE4m3(data.get(0));
            case F8_E5M2 -> fromE5m2(data.get(0));
            case BOOL, I8 -> data.get(0);
            case U8 -> data.get(0) & 0xff;
            case I16 -> data.getShort(0);
            case U16 -> data.getShort(0) & 0xffff;
            case I32 -> data.getInt(0);
            case U32 -> data.getInt(0) & 0xffffffffL;
            case I64, U64 -> data.getLong(0);
            case F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
                throw new IllegalArgumentException("a number cannot be " + tensor.dtype());
        };
    }

    /**
     * The tensor in another floating type; the same object when it has that type already.
     *
     * @param target F32, F16 or BF16
     * @throws MalformedException for an element type that is not floating
     */
    public static TensorView convert(TensorView tensor, DType target) {
        if (tensor.dtype() == target) {
            return tensor;
        }
        if (target != DType.F32 && target != DType.F16 && target != DType.BF16) {
            throw new IllegalArgumentException("weights are converted to F32, F16 or BF16, not to " + target);
        }
        int elements = Math.toIntExact(tensor.elements());
        ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(elements, target.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        chunks(elements, (from, count) -> {
            float[] values = widen(part(tensor.data(), tensor.dtype(), from, count), tensor.dtype(), count);
            narrow(values, part(out, target, from, count), target);
        });
        return new TensorView(target, tensor.shape(), out);
    }

    private interface Chunk {
        void apply(int from, int count);
    }

    /** Stretches of elements on all cores: small enough for the caches, and no array of a tensor's size in between. */
    private static void chunks(int elements, Chunk chunk) {
        IntStream range = IntStream.range(0, (elements + CHUNK - 1) / CHUNK);
        (elements > CHUNK ? range.parallel() : range)
                .forEach(i -> chunk.apply(i * CHUNK, Math.min(CHUNK, elements - i * CHUNK)));
    }

    private static ByteBuffer part(ByteBuffer data, DType dtype, int from, int count) {
        int bytes = dtype.bytes();
        return data.slice(Math.multiplyExact(from, bytes), count * bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float[] widen(ByteBuffer data, DType dtype, int count) {
        float[] out = new float[count];
        switch (dtype) {
            case F32 -> data.asFloatBuffer().get(out);
            case F16 -> {
                short[] halves = shorts(data, count);
                for (int i = 0; i < count; i++) {
                    out[i] = F16[halves[i] & 0xffff];
                }
            }
            case BF16 -> {
                short[] halves = shorts(data, count);
                for (int i = 0; i < count; i++) {
                    out[i] = fromBf16(halves[i]);
                }
            }
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = (float) data.getDouble(8 * i);
                }
            }
            case F8_E4M3 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = fromE4m3(data.get(i));
                }
            }
            case F8_E5M2 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = fromE5m2(data.get(i));
                }
            }
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
                    U64 -> throw new MalformedException(dtype + " is not a floating type that can be widened");
        }
        return out;
    }

    private static short[] shorts(ByteBuffer data, int count) {
        short[] shorts = new short[count];
        data.asShortBuffer().get(shorts);
        return shorts;
    }

    private static void narrow(float[] values, ByteBuffer out, DType target) {
        if (target == DType.F32) {
            out.asFloatBuffer().put(values);
            return;
        }
        short[] halves = new short[values.length];
        for (int i = 0; i < values.length; i++) {
            halves[i] = target == DType.F16 ? toF16(values[i]) : toBf16(values[i]);
        }
        out.asShortBuffer().put(halves);
    }

    /**
     * The tensor in another floating type, converted when its bytes are asked for; integer tensors stay as they are.
     *
     * <p>Its data are refused with a WeightsException where a finite number is beyond the target's largest.
     *
     * @param target F32, F16 or BF16
     */
    public static TensorSource converted(TensorSource tensor, DType target) {
        if (tensor.dtype() == target || !tensor.dtype().isFloat()) {
            return tensor;
        }
        return TensorSource.of(target, tensor.shape(), () -> {
            TensorView narrow = convert(tensor.view(), target);
            if (target == DType.F16 && !Finite.isFinite(narrow)) {
                throw new WeightsException("a weight " + TensorView.describe(tensor.shape())
                        + " holds numbers beyond 65504, fp16's largest, and would be written as infinity; take dtype=bf16"
                        + " or dtype=fp32");
            }
            return narrow.data();
        });
    }
}
