package atelier.diffusion.weights.safetensors;

/**
 * Element types of the safetensors format. The constants stand in the order in which the format's own writer sorts
 * tensors, largest last; {@link SafetensorsWriter} relies on it.
 */
public enum DType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /** Bits of one element; below 8 for the packed types, which this project stores but does not compute with. */
    public int bits() {
        return bits;
    }

    /** Bytes of one element. */
    public int bytes() {
        return (bits + 7) / 8;
    }

    /** True for the real floating types that {@link TensorView#toFloats()} widens to fp32. */
    public boolean isFloat() {
        return switch (this) {
            case F8_E5M2, F8_E4M3, F16, BF16, F32, F64 -> true;
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
                    U64 -> false;
        };
    }

    /**
     * Bytes of a tensor, or -1 where the shape overflows a long or does not fill whole bytes.
     *
     * @param shape its dimensions; none for a scalar
     */
    public static long byteSize(DType dtype, long[] shape) {
        try {
            long elements = 1;
            for (long dimension : shape) {
                elements = Math.multiplyExact(elements, dimension);
            }
            long bits = Math.multiplyExact(elements, (long) dtype.bits);
            return bits % 8 == 0 ? bits / 8 : -1;
        } catch (ArithmeticException overflow) {
            return -1;
        }
    }
}
