package atelier.cluster.train;

import atelier.diffusion.weights.safetensors.Floats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** What numbers travel in between the driver and executors. */
public enum Transport {
    /** As they are. */
    FP32,
    /** In half the bytes, rounded: the result is no longer that of one machine to the bit. */
    BF16;

    /** The numbers as bytes. */
    byte[] bytes(float[] numbers) {
        return switch (this) {
            case FP32 -> {
                ByteBuffer bytes = ByteBuffer.allocate(numbers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(numbers);
                yield bytes.array();
            }
            case BF16 -> {
                ByteBuffer bytes = ByteBuffer.allocate(numbers.length * 2).order(ByteOrder.LITTLE_ENDIAN);
                ShortBuffer halves = bytes.asShortBuffer();
                for (float number : numbers) {
                    halves.put(Floats.toBf16(number));
                }
                yield bytes.array();
            }
        };
    }

    /** The numbers of bytes that {@link #bytes} made. */
    float[] numbers(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return switch (this) {
            case FP32 -> {
                float[] numbers = new float[bytes.length / 4];
                from.asFloatBuffer().get(numbers);
                yield numbers;
            }
            case BF16 -> {
                float[] numbers = new float[bytes.length / 2];
                ShortBuffer halves = from.asShortBuffer();
                for (int i = 0; i < numbers.length; i++) {
                    numbers[i] = Floats.fromBf16(halves.get(i));
                }
                yield numbers;
            }
        };
    }
}
