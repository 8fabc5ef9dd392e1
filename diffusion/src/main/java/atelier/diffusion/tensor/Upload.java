package atelier.diffusion.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values that go to a device together. Where blocks run fused they go in one copy that nobody waits for, and arrays are
 * views of it: to be closed once something that came after it was read back. Elsewhere each is an array of its own.
 */
public final class Upload implements AutoCloseable {
    /** Values: matrix products want 16 bytes; a line of a GPU's cache is 128. */
    private static final int ALIGNMENT = 32;

    private final Kernels kernels;
    private final NDArray like;
    private final List<Part> parts = new ArrayList<>();
    private long length;
    private @Nullable NDManager host;

    /** @param like any array on the device */
    public Upload(Kernels kernels, NDArray like) {
        this.kernels = kernels;
        this.like = like;
    }

    /** Some of the values, and their array once they were sent. */
    public static final class Part {
        private final float[] values;
        private final Shape shape;
        private final long place;
        private @Nullable NDArray array;

        private Part(float[] values, Shape shape, long place) {
            this.values = values;
            this.shape = shape;
            this.place = place;
        }

        /** The values on the device, fp32; belongs to the manager that they were sent to. */
        public NDArray array() {
            return Objects.requireNonNull(array, "not sent yet");
        }
    }

    /** Takes values, row-major, which must stay as they are until they were sent. */
    public Part add(float[] values, Shape shape) {
        if (shape.size() != values.length) {
            throw new IllegalArgumentException(values.length + " values do not fill the shape " + shape);
        }
        Part part = new Part(values, shape, length);
        parts.add(part);
        length += (values.length + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
        return part;
    }

    /** Brings all of them to the device, once. */
    public void send(NDManager scope) {
        if (kernels.execution().fused()) {
            sendTogether(scope);
        } else {
            parts.forEach(part -> part.array = scope.create(part.values, part.shape));
        }
    }

    private void sendTogether(NDManager scope) {
        if (length == 0) {
            return;
        }
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(length * Float.BYTES)).order(ByteOrder.nativeOrder());
        for (Part part : parts) {
            bytes.asFloatBuffer().position((int) part.place).put(part.values);
        }
        host = kernels.manager().newSubManager(Device.cpu());
        NDArray staged = host.create(bytes, new Shape(length), DataType.FLOAT32);
        try (NDArray whole = kernels.one(scope, "uploaded", staged, like)) {
            for (Part part : parts) {
                part.array = kernels.one(scope, "view_of", whole, part.place, part.shape.getShape());
            }
        }
    }

    /** Lets the host's values go. */
    @Override
    public void close() {
        if (host != null) {
            host.close();
            host = null;
        }
    }
}
