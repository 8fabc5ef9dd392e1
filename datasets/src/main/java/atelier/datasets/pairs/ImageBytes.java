package atelier.datasets.pairs;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where an image's encoded bytes lie: a file of its own, or a stretch of a tar archive. Holds no bytes itself. */
public sealed interface ImageBytes {
    /** All bytes. */
    byte[] read() throws IOException;

    /** The length in bytes. */
    long length() throws IOException;

    /** A stream over the bytes; the caller closes it. */
    InputStream open() throws IOException;

    static ImageBytes of(Path file) {
        return new WholeFile(file);
    }

    /** A file that holds nothing but the image. */
    record WholeFile(Path file) implements ImageBytes {
        @Override
        public byte[] read() throws IOException {
            return Files.readAllBytes(file);
        }

        @Override
        public long length() throws IOException {
            return Files.size(file);
        }

        @Override
        public InputStream open() throws IOException {
            return new BufferedInputStream(Files.newInputStream(file));
        }
    }

    /** A stretch of an uncompressed archive, from offset on, in bytes. */
    record Slice(Path archive, long offset, int size) implements ImageBytes {
        @Override
        public byte[] read() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(size);
            try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, offset + buffer.position()) < 0) {
                        throw new EOFException(archive + " ends before byte " + (offset + size)
                                + "; the archive is shorter than when it was listed, read the pairs anew");
                    }
                }
            }
            return buffer.array();
        }

        @Override
        public long length() {
            return size;
        }

        @Override
        public InputStream open() throws IOException {
            return new ByteArrayInputStream(read());
        }
    }
}
