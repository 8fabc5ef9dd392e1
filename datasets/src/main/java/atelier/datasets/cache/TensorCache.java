package atelier.datasets.cache;

import atelier.common.file.Sha256;
import atelier.common.file.Unfinished;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Arrays of floats on disk, found again by everything that they depend on.
 *
 * <p>A file holds, little-endian: the magic number, the length of the key and the key itself in UTF-8, the number of
 * dimensions and each of them, the floats, and a CRC-32C of all before it. A file that is torn, damaged or made for
 * another key counts as absent and is made anew. Files appear by renaming, so readers in other processes see whole ones;
 * they are not forced to disk, since the checksum finds what a power cut left half-written.
 */
public final class TensorCache {
    private static final long MAGIC = 0x3156_4548_4341_4341L; // "ACACHEV1"
    private static final int MAX_DIMENSIONS = 8;

    private final Path folder;

    public TensorCache(Path folder) {
        this.folder = folder;
    }

    /** An array with its shape, row-major. */
    @SuppressWarnings("ArrayRecordComponent") // carried from disk to a tensor, never compared
    public record Entry(float[] values, long[] shape) {
        public Entry {
            long count = 1;
            for (long side : shape) {
                count = Math.multiplyExact(count, side);
            }
            if (count != values.length) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(shape) + " needs " + count + " values, got " + values.length);
            }
        }
    }

    /**
     * A key that holds each part and where it ends: content digest, placement, the encoder's digest and whatever else the
     * array depends on.
     */
    public static String key(String... parts) {
        StringBuilder key = new StringBuilder();
        for (String part : parts) {
            key.append(part.length()).append(':').append(part).append('\n');
        }
        return key.toString();
    }

    /** Whether a file stands where the key's array would; {@link #get} may still find it damaged. */
    public boolean has(String key) {
        return Files.exists(file(key));
    }

    /** The array, or nothing when it is absent, torn, damaged or another key's. */
    public Optional<Entry> get(String key) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file(key));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return parse(bytes, key.getBytes(StandardCharsets.UTF_8));
    }

    /** Keeps the array. */
    public void put(String key, float[] values, long... shape) throws IOException {
        Entry entry = new Entry(values, shape);
        Path file = file(key);
        Files.createDirectories(file.getParent());
        Path half = Files.createTempFile(file.getParent(), "half-", ".tmp");
        try (Unfinished part = Unfinished.at(half)) {
            Files.write(half, bytes(key.getBytes(StandardCharsets.UTF_8), entry));
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path file(String key) {
        String digest = Sha256.of(key.getBytes(StandardCharsets.UTF_8));
        return folder.resolve(digest.substring(0, 2)).resolve(digest.substring(2) + ".tensor");
    }

    private static byte[] bytes(byte[] key, Entry entry) {
        long[] shape = entry.shape();
        int size = Math.addExact(
                8 + 4 + key.length + 4 + 8 * shape.length + 4, Math.multiplyExact(4, entry.values().length));
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(MAGIC).putInt(key.length).put(key).putInt(shape.length);
        for (long side : shape) {
            out.putLong(side);
        }
        out.asFloatBuffer().put(entry.values());
        out.position(size - 4);
        out.putInt(checksum(out.array(), size - 4));
        return out.array();
    }

    private static Optional<Entry> parse(byte[] bytes, byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int fixed = 8 + 4 + key.length + 4;
        if (bytes.length < fixed + 4
                || in.getLong() != MAGIC
                || in.getInt() != key.length
                || checksum(bytes, bytes.length - 4) != in.getInt(bytes.length - 4)) {
            return Optional.empty();
        }
        byte[] found = new byte[key.length];
        in.get(found);
        int dimensions = in.getInt();
        if (!Arrays.equals(found, key)
                || dimensions < 0
                || dimensions > MAX_DIMENSIONS
                || bytes.length < fixed + 8 * dimensions + 4) {
            return Optional.empty();
        }
        long[] shape = new long[dimensions];
        for (int i = 0; i < dimensions; i++) {
            shape[i] = in.getLong();
        }
        float[] values = new float[(bytes.length - 4 - in.position()) / 4];
        in.asFloatBuffer().get(values);
        return Optional.of(new Entry(values, shape));
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
