package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.ByteBuffer;

/** A file's tensor as the engine takes it: fp32 and fp16 as they are, other types widened to fp32. */
final class StoredTensor {
    private StoredTensor() {}

    /** The tensor's bytes in memory that the engine can read, mapped where the file's own will do. */
    static ByteBuffer direct(TensorView view) {
        boolean taken = view.dtype() == DType.F16 || view.dtype() == DType.F32;
        ByteBuffer data = taken
                ? view.data()
                : TensorView.ofFloats(view.toFloats(), view.shape()).data();
        if (data.isDirect()) {
            return data;
        }
        return ByteBuffer.allocateDirect(data.remaining())
                .order(data.order())
                .put(data)
                .flip();
    }

    /** An array over bytes that {@link #direct} gave; it does not keep them alive. */
    static NDArray wrap(NDManager scope, TensorView view, ByteBuffer data) {
        DataType type = view.dtype() == DType.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
        return scope.create(data, new Shape(view.shape()), type);
    }
}
