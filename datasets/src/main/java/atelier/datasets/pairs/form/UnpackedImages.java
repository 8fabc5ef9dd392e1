package atelier.datasets.pairs.form;

import atelier.datasets.pairs.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Images that lie compressed within a table, one after the other in a temporary file, where any of them can be read at
 * once. The file goes when the program ends.
 */
final class UnpackedImages implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private long size;

    UnpackedImages() throws IOException {
        file = Files.createTempFile("atelier-images", ".bin");
        file.toFile().deleteOnExit();
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
    }

    /** Writes an image's encoded bytes and says where they lie. */
    ImageBytes add(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        ImageBytes slice = new ImageBytes.Slice(file, size, bytes.length);
        size += bytes.length;
        return slice;
    }

    /** Bytes written. */
    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
