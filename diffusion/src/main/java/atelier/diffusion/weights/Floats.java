package atelier.diffusion.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Conversions between the floating types, as pure functions. Narrowing rounds to nearest, ties to even; NaN stays NaN,
 * overflow becomes infinity, as IEEE 754 has it. fp8 follows "FP8 Formats for Deep Learning" (Micikevicius et al.,
 * 2022): e4m3 has no infinity and reaches 448, e5m2 is fp16's upper byte.
 */
public final class Floats {
    private static final float[] E4M3 = e4m3Table();

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
        ByteBuffer data = tensor.data();
        float[] out = new float[Math.toIntExact(tensor.elements())];
        switch (tensor.dtype()) {
            case F32 -> data.asFloatBuffer().get(out);
            case F16 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = fromF16(data.getShort(2 * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = fromBf16(data.getShort(2 * i));
                }
            }
            case F64 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = (float) data.getDouble(8 * i);
                }
            }
            case F8_E4M3 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = fromE4m3(data.get(i));
                }
            }
            case F8_E5M2 -> {
                for (int i = 0; i < out.length; i++) {
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
                    U64 ->
                throw new IllegalArgumentException(tensor.dtype() + " is not a floating type that can be widened");
        }
        return out;
    }

    /**
     * The tensor in another floating type; the same object when it has that type already.
     *
     * @param target F32, F16 or BF16
     * @throws IllegalArgumentException for another target or an element type that is not floating
     */
    public static TensorView convert(TensorView tensor, DType target) {
        if (tensor.dtype() == target) {
            return tensor;
        }
        if (target != DType.F32 && target != DType.F16 && target != DType.BF16) {
            throw new IllegalArgumentException("weights are converted to F32, F16 or BF16, not to " + target);
        }
        float[] values = widen(tensor);
        ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(values.length, target.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (target == DType.F32) {
                out.putFloat(value);
            } else {
                out.putShort(target == DType.F16 ? toF16(value) : toBf16(value));
            }
        }
        return new TensorView(target, tensor.shape(), out.flip());
    }

    /**
     * The tensor in another floating type, converted when its bytes are asked for; integer tensors stay as they are.
     *
     * @param target F32, F16 or BF16
     */
    public static TensorSource converted(TensorSource tensor, DType target) {
        if (tensor.dtype() == target || !tensor.dtype().isFloat()) {
            return tensor;
        }
        return TensorSource.of(
                target, tensor.shape(), () -> convert(tensor.view(), target).data());
    }
}
