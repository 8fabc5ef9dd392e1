package atelier.datasets.consent.list;

import atelier.common.error.RefusedException;
import atelier.common.file.Sha256;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.KeyIndex;
import atelier.datasets.hash.Pdq;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A compiled opt-out list, searched in place: chunks of a mebibyte are mapped as they are needed, checked against their
 * digests the first time, and unmapped again, so memory does not grow with the list. A chunk that differs from its digest stops the
 * run. Safe for use by several threads.
 */
public final class CompiledOptOutList implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final CompiledFormat.Footer footer;
    private final String sha256;
    private final Map<EntryKind, Key128[]> firsts = new ConcurrentHashMap<>();
    /** The places of the chunks that were found to be as their digests say. */
    private final Set<Long> checked = ConcurrentHashMap.newKeySet();

    private volatile @Nullable KeyFilter filter;

    private CompiledOptOutList(Path file, FileChannel channel, CompiledFormat.Footer footer, String sha256) {
        this.file = file;
        this.channel = channel;
        this.footer = footer;
        this.sha256 = sha256;
    }

    /** Takes a key that was found: its index among those looked up, its flag (a domain's subdomains) and its place. */
    public interface Found {
        void found(int index, boolean flag, int list, long line);
    }

    /** Takes a name or licence. */
    public interface Texts {
        void text(String text, int list, long line);
    }

    /** Whether a file begins as a compiled list does. */
    public static boolean is(Path file) {
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(CompiledFormat.BEGIN.length), CompiledFormat.BEGIN);
        } catch (IOException e) {
            return false; // whoever reads it then says why it cannot be read
        }
    }

    /** @throws RefusedException when the file is cut short, altered or of another version */
    public static CompiledOptOutList open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            long size = channel.size();
            ByteBuffer tail = read(channel, Math.max(0, size - CompiledFormat.TAIL), CompiledFormat.TAIL, file);
            long length = tail.getLong();
            byte[] digest = new byte[32];
            tail.get(digest);
            byte[] end = new byte[CompiledFormat.END.length];
            tail.get(end);
            long start = size - CompiledFormat.TAIL - length;
            if (!Arrays.equals(end, CompiledFormat.END)
                    || length < 2
                    || length > CompiledFormat.MAX_FOOTER
                    || start < 8) {
                throw damaged(file, "does not end as a compiled list does");
            }
            byte[] json = read(channel, start, (int) length, file).array();
            String sha256 = Sha256.of(json);
            if (!sha256.equals(HexFormat.of().formatHex(digest))) {
                throw damaged(file, "has a footer that differs from its digest");
            }
            CompiledFormat.Footer footer = CompiledFormat.JSON.readValue(json, CompiledFormat.Footer.class);
            if (footer.version() != 1) {
                throw damaged(file, "has version " + footer.version() + ", not 1");
            }
            return new CompiledOptOutList(file, channel, footer, sha256);
        } catch (RefusedException | IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The lists that were compiled, in the order that places count them. */
    public List<ListDigest> sources() {
        return footer.sources();
    }

    /** The digest that stands for the whole file: that of its footer, which holds those of all chunks. */
    public String sha256() {
        return sha256;
    }

    /** How many records a kind has; keys listed more than once count once. */
    public long count(EntryKind kind) {
        return section(kind).records();
    }

    /**
     * Looks up keys of a sorted kind (url, sha256, domain).
     *
     * @param found called for each that is listed, from several threads and in no order
     */
    public void search(EntryKind kind, KeyIndex keys, Found found) {
        KeyFilter first = filter;
        int[] asked = first == null ? null : first.candidates(keys);
        Key128[] firsts = firsts(kind);
        int[] from = new int[firsts.length + 1];
        for (int i = 0; i < firsts.length; i++) {
            int key = keys.from(firsts[i].high(), firsts[i].low());
            from[i] = asked == null ? key : firstFrom(asked, key);
        }
        from[firsts.length] = asked == null ? keys.size() : asked.length;
        eachChunk(kind, i -> from[i] < from[i + 1], (i, bytes) -> {
            int low = 0;
            int records = bytes.limit() / CompiledFormat.KEY_RECORD;
            for (int next = from[i]; next < from[i + 1]; next++) {
                int k = asked == null ? next : asked[next];
                low = lowerBound(bytes, low, records, keys.high(k), keys.low(k));
                int at = low * CompiledFormat.KEY_RECORD;
                if (low < records && bytes.getLong(at) == keys.high(k) && bytes.getLong(at + 8) == keys.low(k)) {
                    long place = bytes.getLong(at + 16);
                    found.found(
                            k,
                            CompiledFormat.flags(place) != 0,
                            CompiledFormat.list(place),
                            CompiledFormat.line(place));
                }
            }
        });
    }

    private static int firstFrom(int[] ascending, int bound) {
        int at = Arrays.binarySearch(ascending, bound);
        return at >= 0 ? at : -at - 1;
    }

    /** How many keys the sorted kinds have together. */
    public long keys() {
        return count(EntryKind.URL) + count(EntryKind.SHA256) + count(EntryKind.DOMAIN);
    }

    /** Takes a key. */
    interface Keys {
        void key(long high, long low);
    }

    /** Streams the keys of all sorted kinds, one after the other. */
    void eachKey(Keys keys) {
        for (EntryKind kind : List.of(EntryKind.URL, EntryKind.SHA256, EntryKind.DOMAIN)) {
            eachChunk(kind, i -> true, (i, bytes) -> {
                synchronized (keys) {
                    while (bytes.hasRemaining()) {
                        keys.key(bytes.getLong(), bytes.getLong());
                        bytes.getLong();
                    }
                }
            });
        }
    }

    /**
     * Makes the list's Bloom filter where it is not there yet: a file beside the list, or in a folder.
     *
     * @return the file, for {@link #filterBy}
     */
    public Path makeFilter(@Nullable Path folder) throws IOException {
        // Lists of several folders may have one name.
        Path made = folder == null
                ? KeyFilter.file(file.toAbsolutePath())
                : folder.resolve(
                        KeyFilter.file(Path.of(sha256.substring(0, 16))).getFileName());
        return KeyFilter.make(this, made);
    }

    /** Asks the list's Bloom filter before each search from now on. */
    public void filterBy(Path made) throws IOException {
        filter = KeyFilter.open(this, made);
    }

    private Key128[] firsts(EntryKind kind) {
        return firsts.computeIfAbsent(
                kind,
                sorted -> section(sorted).chunks().stream()
                        .map(chunk -> Key128.ofDigest(String.valueOf(chunk.first())))
                        .toArray(Key128[]::new));
    }

    /** Streams all perceptual digests past {@code blocks}, a chunk's at once, from several threads. */
    public void eachHash(Consumer<PdqEntries> blocks) {
        eachChunk(EntryKind.PDQ, i -> true, (i, bytes) -> {
            PdqEntries block = new PdqEntries(bytes.remaining() / CompiledFormat.PDQ_RECORD);
            while (!block.full()) {
                Pdq hash = new Pdq(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong(), 100);
                long place = bytes.getLong();
                block.add(
                        hash, CompiledFormat.flags(place) - 1, CompiledFormat.list(place), CompiledFormat.line(place));
            }
            blocks.accept(block);
        });
    }

    /** Streams all names, or licences, past {@code texts}, from several threads. */
    public void eachText(EntryKind kind, Texts texts) {
        eachChunk(kind, i -> true, (i, bytes) -> {
            while (bytes.hasRemaining()) {
                byte[] utf8 = new byte[bytes.getShort() & 0xFFFF];
                bytes.get(utf8);
                long place = bytes.getLong();
                texts.text(
                        new String(utf8, StandardCharsets.UTF_8),
                        CompiledFormat.list(place),
                        CompiledFormat.line(place));
            }
        });
    }

    private interface ChunkWork {
        void chunk(int index, ByteBuffer bytes);
    }

    private void eachChunk(EntryKind kind, java.util.function.IntPredicate wanted, ChunkWork work) {
        CompiledFormat.Section section = section(kind);
        List<CompiledFormat.Chunk> chunks = section.chunks();
        long[] offsets = new long[chunks.size()];
        long offset = section.offset();
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = offset;
            offset += chunks.get(i).length();
        }
        IntStream.range(0, offsets.length).parallel().filter(wanted).forEach(i -> {
            CompiledFormat.Chunk chunk = chunks.get(i);
            try (MappedChunk mapped = new MappedChunk(channel, offsets[i], chunk.length())) {
                if (!checked.contains(offsets[i])) {
                    check(mapped.bytes(), chunk, offsets[i]);
                    checked.add(offsets[i]);
                }
                work.chunk(i, mapped.bytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void check(ByteBuffer bytes, CompiledFormat.Chunk chunk, long offset) {
        MessageDigest digest = Sha256.digest();
        digest.update(bytes.duplicate());
        if (!HexFormat.of().formatHex(digest.digest()).equals(chunk.sha256())) {
            throw damaged(file, "differs from its digest in the mebibyte at byte " + offset);
        }
    }

    private CompiledFormat.Section section(EntryKind kind) {
        return footer.sections().stream()
                .filter(s -> s.kind() == kind)
                .findFirst()
                .orElseThrow(() -> damaged(file, "has no section for " + kind.label()));
    }

    /** The first record from {@code from} on whose key is at least the given one; keys are asked for in order. */
    private static int lowerBound(ByteBuffer bytes, int from, int to, long keyHigh, long keyLow) {
        // The one that is looked for mostly lies near the one before.
        int low = from;
        int step = 1;
        while (low + step < to && isBelow(bytes, low + step - 1, keyHigh, keyLow)) {
            low += step;
            step *= 2;
        }
        int high = Math.min(to, low + step);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isBelow(bytes, middle, keyHigh, keyLow)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static boolean isBelow(ByteBuffer bytes, int record, long keyHigh, long keyLow) {
        int at = record * CompiledFormat.KEY_RECORD;
        int order = Long.compareUnsigned(bytes.getLong(at), keyHigh);
        return order < 0 || (order == 0 && Long.compareUnsigned(bytes.getLong(at + 8), keyLow) < 0);
    }

    private static ByteBuffer read(FileChannel channel, long from, int length, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw damaged(file, "is cut short");
            }
        }
        return buffer.flip();
    }

    private static RefusedException damaged(Path file, String fact) {
        return new RefusedException(file + " " + fact + "; compile the list anew with optout build");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
