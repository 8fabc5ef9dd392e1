package atelier.diffusion.tensor;

/** The number format that a network computes in. Adapters' own parameters are always kept in fp32. */
public enum Precision {
    FP32(6, 4),
    FP16(5, 2),
    BF16(15, 2);

    private final int code;
    private final int bytes;

    Precision(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** PyTorch's number for the type. */
    public int code() {
        return code;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
