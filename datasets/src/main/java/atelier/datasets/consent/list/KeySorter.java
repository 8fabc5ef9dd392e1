package atelier.datasets.consent.list;

import atelier.datasets.consent.key.Key128;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Sorts any number of keys within bounded memory: they are dealt into 64 files by their leading bits, which for digests
 * gives files of nearly equal size, and each file is sorted by itself; one that is too large is dealt again by the next
 * bits. A key that was added more than once comes out once, with the place of the higher flags, then of the earliest
 * line.
 */
final class KeySorter implements AutoCloseable {
    private static final int BITS = 6;
    private static final int PARTS = 1 << BITS;
    private static final Comparator<Keyed> BY_KEY_THEN_PLACE = Comparator.comparing(Keyed::key)
            .thenComparing(Keyed::place, (a, b) -> {
                int byFlags = Integer.compare(CompiledFormat.flags(b), CompiledFormat.flags(a));
                return byFlags != 0 ? byFlags : Long.compareUnsigned(a, b);
            });

    private final Path folder;
    private final String name;
    private final int depth;
    private final int inMemory;
    private final @Nullable DataOutputStream[] parts = new DataOutputStream[PARTS];
    private final long[] counts = new long[PARTS];

    /** Takes the sorted records. */
    interface Output {
        void record(Key128 key, long place) throws IOException;
    }

    private record Keyed(Key128 key, long place) {}

    /**
     * @param folder where the parts are put; it must exist
     * @param name the parts' names begin with it
     * @param inMemory how many records are sorted in memory at once, about 70 bytes each
     */
    KeySorter(Path folder, String name, int inMemory) {
        this(folder, name, 0, inMemory);
    }

    private KeySorter(Path folder, String name, int depth, int inMemory) {
        this.folder = folder;
        this.name = name;
        this.depth = depth;
        this.inMemory = inMemory;
    }

    void add(Key128 key, long place) throws IOException {
        int part = part(key);
        DataOutputStream out = parts[part];
        if (out == null) {
            out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path(part)), 1 << 15));
            parts[part] = out;
        }
        out.writeLong(key.high());
        out.writeLong(key.low());
        out.writeLong(place);
        counts[part]++;
    }

    /** Hands over all records in order and deletes the parts. */
    void drain(Output output) throws IOException {
        close();
        for (int part = 0; part < PARTS; part++) {
            if (counts[part] == 0) {
                continue;
            }
            try (DataInputStream in =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(path(part)), 1 << 16))) {
                if (counts[part] <= inMemory) {
                    sort(in, (int) counts[part], output);
                } else if ((depth + 1) * BITS >= 128) {
                    first(in, counts[part], output); // all bits looked at: one key, many times
                } else {
                    dealAgain(in, part, output);
                }
            }
            Files.delete(path(part));
        }
    }

    private void dealAgain(DataInputStream in, int part, Output output) throws IOException {
        try (KeySorter finer = new KeySorter(folder, name + "-" + part, depth + 1, inMemory)) {
            for (long i = 0; i < counts[part]; i++) {
                finer.add(new Key128(in.readLong(), in.readLong()), in.readLong());
            }
            finer.drain(output);
        }
    }

    private static void sort(DataInputStream in, int count, Output output) throws IOException {
        Keyed[] records = new Keyed[count];
        for (int i = 0; i < count; i++) {
            records[i] = new Keyed(new Key128(in.readLong(), in.readLong()), in.readLong());
        }
        Arrays.sort(records, BY_KEY_THEN_PLACE);
        for (int i = 0; i < count; i++) {
            if (i == 0 || !records[i].key().equals(records[i - 1].key())) {
                output.record(records[i].key(), records[i].place());
            }
        }
    }

    private static void first(DataInputStream in, long count, Output output) throws IOException {
        Keyed best = new Keyed(new Key128(in.readLong(), in.readLong()), in.readLong());
        for (long i = 1; i < count; i++) {
            Keyed next = new Keyed(new Key128(in.readLong(), in.readLong()), in.readLong());
            best = BY_KEY_THEN_PLACE.compare(next, best) < 0 ? next : best;
        }
        output.record(best.key(), best.place());
    }

    private int part(Key128 key) {
        int bit = depth * BITS;
        long window = bit < 64 ? key.high() << bit : 0;
        if (bit >= 64) {
            window = key.low() << (bit - 64);
        } else if (bit > 64 - BITS) {
            window |= key.low() >>> (64 - bit);
        }
        return (int) (window >>> (64 - BITS));
    }

    private Path path(int part) {
        return folder.resolve(name + "-" + part + ".part");
    }

    @Override
    public void close() throws IOException {
        for (DataOutputStream part : parts) {
            if (part != null) {
                part.close();
            }
        }
        Arrays.fill(parts, null);
    }
}
