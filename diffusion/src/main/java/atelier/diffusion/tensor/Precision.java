package atelier.diffusion.tensor;

/** The number format that a network computes in. Adapters' own parameters are always kept in fp32. */
public enum Precision {
    FP32(6, 4),
    FP16(5, 2),
    BF16(15, 2),
    /**
     * As {@link #BF16}, with the weights and inputs of a network's large layers rounded to 8-bit integers:
     * faster, and half the memory, for errors of about one hundredth a layer.
     */
    INT8(15, 2);

    private final int code;
    private final int bytes;

    Precision(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** PyTorch's number for the type of what travels between layers. */
    public int code() {
        return code;
    }

    /** What networks compute in that are not rounded to integers. */
    public Precision unquantised() {
        return this == INT8 ? BF16 : this;
    }

    /** Bytes of one element of what travels between layers. */
    public int bytes() {
        return bytes;
    }
}
