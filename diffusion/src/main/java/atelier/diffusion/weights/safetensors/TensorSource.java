package atelier.diffusion.weights.safetensors;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A tensor whose bytes are had when asked for: those of a mapped file at no cost, those of a conversion by converting.
 * Writers take sources, so that a conversion of gigabytes holds one tensor at a time.
 */
public interface TensorSource {
    DType dtype();

    /** Dimensions, outermost first; empty for a scalar. */
    long[] shape();

    /** Row-major, little-endian bytes from position to limit; the caller may move both. */
    ByteBuffer data();

    /** Bytes that {@link #data()} holds. */
    default long byteSize() {
        return DType.byteSize(dtype(), shape());
    }

    /** The same tensor with its bytes at hand. */
    default TensorView view() {
        return new TensorView(dtype(), shape(), data());
    }

    /** A source that computes its bytes each time it is asked. */
    static TensorSource of(DType dtype, long[] shape, Supplier<ByteBuffer> data) {
        long[] copy = shape.clone();
        return new TensorSource() {
            @Override
            public DType dtype() {
                return dtype;
            }

            @Override
            public long[] shape() {
                return copy.clone();
            }

            @Override
            public ByteBuffer data() {
                return data.get();
            }
        };
    }
}
