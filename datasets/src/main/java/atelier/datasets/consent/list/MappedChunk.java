package atelier.datasets.consent.list;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a file in memory, given back on close and not only when garbage is collected, so that a pass over a file
 * of any size keeps few of its pages resident.
 */
final class MappedChunk implements AutoCloseable {
    private static final @Nullable Object UNSAFE = unsafe();

    private final MappedByteBuffer buffer;

    MappedChunk(FileChannel file, long offset, int length) throws IOException {
        buffer = file.map(FileChannel.MapMode.READ_ONLY, offset, length);
    }

    /** Big-endian, position 0; not to be used after close. */
    ByteBuffer bytes() {
        return buffer;
    }

    @Override
    public void close() {
        if (UNSAFE == null) {
            return; // then it stays until garbage is collected
        }
        try {
            Method free = UNSAFE.getClass().getMethod("invokeCleaner", ByteBuffer.class);
            free.invoke(UNSAFE, buffer);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java runtime cannot unmap a file", e);
        }
    }

    private static @Nullable Object unsafe() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return field.get(null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
