package atelier.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Arrays of the engine as safetensors files, exact to the bit. */
final class TensorFiles {
    private TensorFiles() {}

    /** Writes arrays of fp32, uint8 or int64, whole or not at all; one at a time is copied into Java's memory. */
    static void write(Path file, Map<String, NDArray> arrays) throws IOException {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        arrays.forEach((name, array) -> sources.put(name, source(array)));
        SafetensorsWriter.write(file, sources, Map.of());
    }

    private static TensorSource source(NDArray array) {
        DType type = switch (array.getDataType()) {
            case FLOAT32 -> DType.F32;
            case UINT8 -> DType.U8;
            case INT64 -> DType.I64;
            default -> throw new IllegalArgumentException("state of type " + array.getDataType() + " is not saved");
        };
        long[] shape = array.getShape().getShape();
        return TensorSource.of(type, shape, () -> switch (type) {
            case U8 -> ByteBuffer.wrap(HostCopy.bytes(array));
            case I64 -> longs(HostCopy.longs(array));
            default -> TensorView.ofFloats(HostCopy.floats(array), shape).data();
        });
    }

    private static ByteBuffer longs(long[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return bytes;
    }

    /** A saved array on the scope's device. */
    static NDArray array(NDManager scope, TensorView view) {
        Shape shape = new Shape(view.shape());
        return switch (view.dtype()) {
            case F32 -> scope.create(view.toFloats(), shape);
            case U8 -> scope.create(view.data(), shape, DataType.UINT8);
            case I64 -> scope.create(view.data(), shape, DataType.INT64);
            default -> throw new IllegalArgumentException("state of type " + view.dtype() + " is not read");
        };
    }
}
