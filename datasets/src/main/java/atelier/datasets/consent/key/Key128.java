package atelier.datasets.consent.key;

import atelier.common.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/**
 * The first 128 bits of a SHA-256 digest: what addresses and domains are compared by, and what pictures' own digests
 * are cut to. Among 10^9 listed keys and 10^6 looked-up ones, two different texts share a key with a probability of
 * about 3e-24.
 *
 * @param high the first 8 bytes, big-endian
 * @param low the next 8
 */
public record Key128(long high, long low) implements Comparable<Key128> {
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(Sha256::digest);

    /** The key of a text's UTF-8 bytes. */
    public static Key128 of(String text) {
        ByteBuffer digest = ByteBuffer.wrap(DIGEST.get().digest(text.getBytes(StandardCharsets.UTF_8)));
        return new Key128(digest.getLong(), digest.getLong());
    }

    /** The key of a SHA-256 digest that is already known, given as hexadecimal digits. */
    public static Key128 ofDigest(String hex) {
        return new Key128(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }

    /** As unsigned numbers, so that the order is that of the bytes. */
    @Override
    public int compareTo(Key128 other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** Byte 0 to 15, as 0 to 255. */
    public int byteAt(int index) {
        long half = index < 8 ? high : low;
        return (int) (half >>> (56 - 8 * (index & 7))) & 255;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x%016x", high, low);
    }
}
