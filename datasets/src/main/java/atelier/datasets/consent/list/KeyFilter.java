package atelier.datasets.consent.list;

import atelier.common.error.RefusedException;
import atelier.common.file.Sha256;
import atelier.common.work.StopSignal;
import atelier.datasets.consent.key.KeyIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A Bloom filter over the keys of a compiled list, in a file beside it that all processes of a machine map together. It
 * says of a key that the list does not have it, or that it may: then the list is searched. A key's seven bits lie in one
 * block of 512, so that it costs one access to memory; of keys that are not listed about one in eighty passes.
 *
 * <p>The file: {@value #BEGIN}, the list's digest (32 bytes), the number of blocks (8 bytes), the digest of the blocks
 * (32 bytes), zeros up to byte 128, and the blocks, all numbers big-endian. Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007.
 */
final class KeyFilter {
    private static final String BEGIN = "ATLBLM01";
    private static final String SUFFIX = ".bloom";
    private static final int HEAD = 128;
    private static final int DIGEST_AT = 8 + 32 + 8;
    private static final int DIGEST_BYTES = 32;
    private static final int BLOCK_BYTES = 64;
    private static final int BLOCK_BITS = 512;
    private static final int HASHES = 7;
    private static final int BITS_A_KEY = 10;
    /** A mapping holds less than two GiB. */
    private static final int MAPPED_BLOCKS = 1 << 24;

    private final LongBuffer[] parts;
    private final long blocks;

    private KeyFilter(ByteBuffer[] parts, long blocks) {
        this.parts = Arrays.stream(parts).map(ByteBuffer::asLongBuffer).toArray(LongBuffer[]::new);
        this.blocks = blocks;
    }

    /** The file of a filter, after the list's. */
    static Path file(Path list) {
        return list.resolveSibling(list.getFileName() + SUFFIX);
    }

    /**
     * Makes a list's filter, unless it is there: ten bits a key. Nobody sees it before it is whole.
     *
     */
    static Path make(CompiledOptOutList list, Path file) throws IOException {
        if (isOf(list, file)) {
            return file;
        }
        long keys = list.keys();
        long blocks = Math.max(1, (keys * BITS_A_KEY + BLOCK_BITS - 1) / BLOCK_BITS);
        Path made = file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        Files.deleteIfExists(made);
        try (FileChannel channel = FileChannel.open(
                made, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer[] parts = map(channel, blocks, FileChannel.MapMode.READ_WRITE);
            KeyFilter filter = new KeyFilter(parts, blocks);
            list.eachKey(filter::add);
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            head.put(begin(list)).putLong(blocks).put(digest(parts));
            channel.write(head.clear(), 0);
            channel.force(true);
        }
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    private static boolean isOf(CompiledOptOutList list, Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return blocks(list, channel) > 0;
        }
    }

    /** The number of blocks; 0 where the file is not this list's. */
    private static long blocks(CompiledOptOutList list, FileChannel channel) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        if (channel.read(head, 0) < HEAD) {
            return 0;
        }
        byte[] expected = begin(list);
        long blocks = head.getLong(expected.length);
        return Arrays.equals(Arrays.copyOf(head.array(), expected.length), expected)
                        && channel.size() == HEAD + blocks * BLOCK_BYTES
                ? blocks
                : 0;
    }

    private static byte[] begin(CompiledOptOutList list) {
        byte[] begin = new byte[DIGEST_AT - 8];
        ByteBuffer.wrap(begin)
                .put(BEGIN.getBytes(StandardCharsets.US_ASCII))
                .put(HexFormat.of().parseHex(list.sha256()));
        return begin;
    }

    private static byte[] digest(ByteBuffer[] parts) {
        MessageDigest digest = Sha256.digest();
        for (ByteBuffer part : parts) {
            digest.update(part.duplicate());
        }
        return digest.digest();
    }

    /** @throws RefusedException when the file is not that of the list, or damaged */
    static KeyFilter open(CompiledOptOutList list, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long blocks = blocks(list, channel);
            if (blocks == 0) {
                throw new RefusedException(file + " is not the Bloom filter of its list; delete it");
            }
            ByteBuffer stated = ByteBuffer.allocate(DIGEST_BYTES);
            channel.read(stated, DIGEST_AT);
            ByteBuffer[] parts = map(channel, blocks, FileChannel.MapMode.READ_ONLY);
            if (!Arrays.equals(digest(parts), stated.array())) {
                throw new RefusedException(file + " differs from its digest; delete it");
            }
            return new KeyFilter(parts, blocks);
        }
    }

    private static ByteBuffer[] map(FileChannel channel, long blocks, FileChannel.MapMode mode) throws IOException {
        ByteBuffer[] parts = new ByteBuffer[(int) ((blocks + MAPPED_BLOCKS - 1) / MAPPED_BLOCKS)];
        for (int i = 0; i < parts.length; i++) {
            long first = (long) i * MAPPED_BLOCKS;
            long size = Math.min(MAPPED_BLOCKS, blocks - first) * BLOCK_BYTES;
            parts[i] = channel.map(mode, HEAD + first * BLOCK_BYTES, size);
        }
        return parts;
    }

    private long block(long high) {
        return Math.multiplyHigh(high >>> 1, blocks << 1);
    }

    private void add(long high, long low) {
        long block = block(high);
        LongBuffer part = parts[(int) (block / MAPPED_BLOCKS)];
        int at = (int) (block % MAPPED_BLOCKS) * (BLOCK_BYTES / 8);
        for (int i = 0; i < HASHES; i++) {
            int bit = (int) (low >>> (9 * i)) & (BLOCK_BITS - 1);
            part.put(at + bit / 64, part.get(at + bit / 64) | 1L << (bit % 64));
        }
    }

    private boolean mayHold(long high, long low) {
        long block = block(high);
        LongBuffer part = parts[(int) (block / MAPPED_BLOCKS)];
        int at = (int) (block % MAPPED_BLOCKS) * (BLOCK_BYTES / 8);
        for (int i = 0; i < HASHES; i++) {
            int bit = (int) (low >>> (9 * i)) & (BLOCK_BITS - 1);
            if ((part.get(at + bit / 64) & 1L << (bit % 64)) == 0) {
                return false;
            }
        }
        return true;
    }

    /** The indexes of the keys that the list may have, ascending. */
    int[] candidates(KeyIndex keys) {
        int[] found = new int[16];
        int size = 0;
        for (int i = 0; i < keys.size(); i++) {
            if (mayHold(keys.high(i), keys.low(i))) {
                if (size == found.length) {
                    found = Arrays.copyOf(found, 2 * size);
                }
                found[size++] = i;
            }
        }
        StopSignal.check();
        return Arrays.copyOf(found, size);
    }
}
