package atelier.diffusion.weights.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A tensor's type, shape and bytes. The bytes are a slice of the mapped file wherever the file has them in this form;
 * they are valid as long as this object is reachable.
 *
 * @param dtype element type
 * @param shape dimensions, outermost first; empty for a scalar
 * @param data row-major, little-endian, direct for mapped files
 */
@SuppressWarnings("ArrayRecordComponent") // shapes are compared by Arrays.equals where it matters
public record TensorView(DType dtype, long[] shape, ByteBuffer data) implements TensorSource {
    public TensorView {
        shape = shape.clone();
        data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
        long expected = DType.byteSize(dtype, shape);
        if (expected != data.remaining()) {
            throw new IllegalArgumentException("a tensor " + dtype + " " + Arrays.toString(shape) + " takes " + expected
                    + " bytes, got " + data.remaining());
        }
    }

    /** A copy of the dimensions, the caller's to change. */
    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** A fresh view of the bytes, little-endian, from the tensor's first byte to its last. */
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public TensorView view() {
        return this;
    }

    /** The number of elements. */
    public long elements() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    /** The same bytes under another shape with as many elements. */
    public TensorView reshape(long... other) {
        return new TensorView(dtype, other, data);
    }

    /**
     * Rows from (inclusive) to (exclusive) along the first dimension, without a copy.
     *
     * @throws IndexOutOfBoundsException when the rows do not exist
     */
    public TensorView rows(long from, long to) {
        if (shape.length == 0 || from < 0 || from > to || to > shape[0]) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + describe(shape));
        }
        int row = shape[0] == 0 ? 0 : (int) (data.remaining() / shape[0]);
        long[] part = shape.clone();
        part[0] = to - from;
        return new TensorView(dtype, part, data.slice((int) from * row, (int) (to - from) * row));
    }

    /**
     * All elements as fp32: exact for fp16, bf16 and both fp8 types, rounded for fp64.
     *
     * @throws MalformedException for a type that is not floating
     */
    public float[] toFloats() {
        return Floats.widen(this);
    }

    /** A tensor over an array of floats, copied. */
    public static TensorView ofFloats(float[] values, long... shape) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(values.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new TensorView(DType.F32, shape, bytes);
    }

    /** A shape as messages print it: {@code [320, 4, 3, 3]}, {@code []} for a scalar. */
    public static String describe(long... shape) {
        return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public String toString() {
        return dtype + " " + describe(shape);
    }
}
