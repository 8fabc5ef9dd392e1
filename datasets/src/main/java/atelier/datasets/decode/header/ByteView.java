package atelier.datasets.decode.header;

import atelier.datasets.pairs.ImageBytes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Bytes at any position of a file, of which only the parts that are asked for are read. */
public final class ByteView implements Closeable {
    private static final int WINDOW = 4096;

    private final @Nullable FileChannel channel;
    private final long base;
    private final long length;
    private byte[] window;
    private long windowStart;
    private int windowLength;

    private ByteView(@Nullable FileChannel channel, long base, long length, byte[] window, int windowLength) {
        this.channel = channel;
        this.base = base;
        this.length = length;
        this.window = window;
        this.windowLength = windowLength;
    }

    public static ByteView of(byte[] bytes) {
        return new ByteView(null, 0, bytes.length, bytes, bytes.length);
    }

    static ByteView open(ImageBytes content) throws IOException {
        Path file;
        long base;
        if (content instanceof ImageBytes.WholeFile whole) {
            file = whole.file();
            base = 0;
        } else if (content instanceof ImageBytes.Slice slice) {
            file = slice.archive();
            base = slice.offset();
        } else {
            return of(content.read());
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        long length = content instanceof ImageBytes.Slice ? content.length() : channel.size();
        return new ByteView(channel, base, length, new byte[WINDOW], 0);
    }

    long length() {
        return length;
    }

    int u8(long position) throws IOException {
        if (position < windowStart || position >= windowStart + windowLength) {
            load(position);
        }
        return window[(int) (position - windowStart)] & 255;
    }

    int u16be(long position) throws IOException {
        return u8(position) << 8 | u8(position + 1);
    }

    int u16le(long position) throws IOException {
        return u8(position) | u8(position + 1) << 8;
    }

    long u32be(long position) throws IOException {
        return (long) u16be(position) << 16 | u16be(position + 2);
    }

    long u32le(long position) throws IOException {
        return u16le(position) | (long) u16le(position + 2) << 16;
    }

    boolean startsWith(long position, int... bytes) throws IOException {
        if (position + bytes.length > length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (u8(position + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    byte[] bytes(long position, int count) throws IOException {
        if (count < 0 || position < 0 || position + count > length) {
            throw new BadImageException("ends within its header");
        }
        byte[] out = new byte[count];
        if (channel == null) {
            System.arraycopy(window, (int) position, out, 0, count);
        } else if (fill(out, position, count) < count) {
            throw new BadImageException("ends within its header");
        }
        return out;
    }

    private void load(long position) throws IOException {
        if (position < 0 || position >= length || channel == null) {
            throw new BadImageException("ends within its header");
        }
        windowStart = position;
        windowLength = fill(window, position, (int) Math.min(WINDOW, length - position));
        if (windowLength == 0) {
            throw new BadImageException("ends within its header");
        }
    }

    private int fill(byte[] into, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, count);
        while (buffer.hasRemaining() && channel != null) {
            if (channel.read(buffer, base + position + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.position();
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
