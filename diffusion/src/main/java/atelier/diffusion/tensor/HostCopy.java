package atelier.diffusion.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * An array's values in Java. The engine first copies an array of a GPU to one of the CPU, and leaves that with the array's
 * manager for as long as the manager lives; here it is closed at once.
 */
public final class HostCopy {
    private HostCopy() {}

    /** Values of an fp32 array, row-major. */
    public static float[] floats(NDArray array) {
        return of(array, NDArray::toFloatArray);
    }

    /** The value of an fp32 array of one element. */
    public static float number(NDArray array) {
        return floats(array)[0];
    }

    /** Values of an fp64 array, row-major. */
    public static double[] doubles(NDArray array) {
        return of(array, NDArray::toDoubleArray);
    }

    /** Values of an int64 array, row-major. */
    public static long[] longs(NDArray array) {
        return of(array, NDArray::toLongArray);
    }

    /** Bytes of an array of any type, row-major. */
    public static byte[] bytes(NDArray array) {
        return of(array, NDArray::toByteArray);
    }

    /** The value of an array of one truth value. */
    static boolean flag(NDArray array) {
        return of(array, NDArray::toBooleanArray)[0];
    }

    /** A copy on the CPU. The caller closes it. */
    public static NDArray of(NDArray array) {
        return array.getDevice().isGpu() ? array.toDevice(Device.cpu(), true) : array.duplicate();
    }

    private static <T> T of(NDArray array, Function<NDArray, T> values) {
        if (!array.getDevice().isGpu()) {
            return values.apply(array);
        }
        try (NDArray here = array.toDevice(Device.cpu(), false)) {
            return values.apply(here);
        }
    }
}
