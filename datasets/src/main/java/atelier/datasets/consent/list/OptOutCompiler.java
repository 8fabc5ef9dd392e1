package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.common.file.Sha256;
import atelier.common.file.Unfinished;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.hash.Pdq;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Compiles opt-out lists of any size into one sorted, checksummed file, for {@link CompiledOptOutList} to search.
 * Memory is bounded; the folder of the output needs free room for about twice the output while it is made. The output
 * appears whole or not at all.
 */
public final class OptOutCompiler {
    private static final int IN_MEMORY = 2_000_000;

    private final int inMemory;

    public OptOutCompiler() {
        this(IN_MEMORY);
    }

    /** @param inMemory how many records are sorted in memory at once */
    OptOutCompiler(int inMemory) {
        this.inMemory = inMemory;
    }

    /**
     * Compiles lists into {@code out}, replacing it.
     *
     * @return the lists as they were read
     * @throws RefusedException when a list is missing or broken; {@code out} is then left as it was
     */
    public List<ListDigest> compile(List<Path> lists, Path out) throws IOException {
        if (lists.isEmpty() || lists.size() > CompiledFormat.MAX_LISTS) {
            throw new WrongCommandException(
                    "optout build takes from 1 to " + CompiledFormat.MAX_LISTS + " lists, got " + lists.size());
        }
        Path target = out.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new WrongCommandException("out must be a file, got " + out);
        }
        Files.createDirectories(folder);
        Path scratch = Files.createTempDirectory(folder, "." + target.getFileName() + "-");
        try (Unfinished part = Unfinished.at(scratch)) {
            Path made = scratch.resolve("compiled");
            List<ListDigest> sources = compile(lists, scratch, made);
            AtomicFile.move(made, target);
            return sources;
        }
    }

    private List<ListDigest> compile(List<Path> lists, Path scratch, Path made) throws IOException {
        List<ListDigest> sources = new ArrayList<>();
        try (Parts parts = new Parts(scratch, inMemory)) {
            for (Path list : lists) {
                parts.list = sources.size();
                sources.add(new OptOutManifest(list).read(parts));
            }
            try (FileChannel file = FileChannel.open(made, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(CompiledFormat.BEGIN));
                List<CompiledFormat.Section> sections = new ArrayList<>();
                sections.add(sorted(EntryKind.URL, parts.urls, file));
                sections.add(sorted(EntryKind.SHA256, parts.digests, file));
                sections.add(sorted(EntryKind.DOMAIN, parts.domains, file));
                sections.add(parts.pdqs.copy(EntryKind.PDQ, file));
                sections.add(parts.creators.copy(EntryKind.CREATOR, file));
                sections.add(parts.licences.copy(EntryKind.LICENCE, file));
                footer(new CompiledFormat.Footer(1, sources, sections), file);
                file.force(true);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return sources;
    }

    private static CompiledFormat.Section sorted(EntryKind kind, KeySorter keys, FileChannel file) throws IOException {
        SectionWriter section = new SectionWriter(kind, file);
        keys.drain((key, place) -> {
            boolean opens = section.opens(CompiledFormat.KEY_RECORD);
            ByteBuffer record = opens
                    ? section.keyed(CompiledFormat.KEY_RECORD, key.toString())
                    : section.record(CompiledFormat.KEY_RECORD);
            record.putLong(key.high()).putLong(key.low()).putLong(place);
        });
        return section.end();
    }

    private static void footer(CompiledFormat.Footer footer, FileChannel file) throws IOException {
        byte[] json = CompiledFormat.JSON.writeValueAsBytes(footer);
        ByteBuffer tail = ByteBuffer.allocate(json.length + CompiledFormat.TAIL);
        tail.put(json).putLong(json.length);
        tail.put(HexFormat.of().parseHex(Sha256.of(json)))
                .put(CompiledFormat.END)
                .flip();
        while (tail.hasRemaining()) {
            file.write(tail);
        }
    }

    /** What has been read so far: keys dealt for sorting, the rest in the order of the lists. */
    private static final class Parts implements KeySink, AutoCloseable {
        private final KeySorter urls;
        private final KeySorter digests;
        private final KeySorter domains;
        private final Unsorted pdqs;
        private final Unsorted creators;
        private final Unsorted licences;
        private int list;

        Parts(Path scratch, int inMemory) throws IOException {
            urls = new KeySorter(scratch, "url", inMemory);
            digests = new KeySorter(scratch, "sha256", inMemory);
            domains = new KeySorter(scratch, "domain", inMemory);
            pdqs = new Unsorted(scratch.resolve("pdq.part"));
            creators = new Unsorted(scratch.resolve("creator.part"));
            licences = new Unsorted(scratch.resolve("licence.part"));
        }

        @Override
        public void url(Key128 key, long line) {
            add(urls, key, CompiledFormat.place(0, list, line));
        }

        @Override
        public void sha256(Key128 key, long line) {
            add(digests, key, CompiledFormat.place(0, list, line));
        }

        @Override
        public void domain(Key128 key, boolean subdomains, long line) {
            add(domains, key, CompiledFormat.place(subdomains ? 1 : 0, list, line));
        }

        @Override
        public void pdq(Pdq hash, int maxDistance, long line) {
            ByteBuffer record = ByteBuffer.allocate(CompiledFormat.PDQ_RECORD);
            record.putLong(hash.w0()).putLong(hash.w1()).putLong(hash.w2()).putLong(hash.w3());
            record.putLong(CompiledFormat.place(maxDistance + 1, list, line));
            pdqs.add(record.array());
        }

        @Override
        public void creator(String name, long line) {
            creators.add(text(name, line));
        }

        @Override
        public void licence(String id, long line) {
            licences.add(text(id, line));
        }

        private byte[] text(String text, long line) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > 0xFFFF) {
                throw new MalformedException("the value is longer than 65535 bytes");
            }
            ByteBuffer record = ByteBuffer.allocate(utf8.length + 10);
            record.putShort((short) utf8.length).put(utf8).putLong(CompiledFormat.place(0, list, line));
            return record.array();
        }

        private static void add(KeySorter sorter, Key128 key, long place) {
            try {
                sorter.add(key, place);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            urls.close();
            digests.close();
            domains.close();
            pdqs.close();
            creators.close();
            licences.close();
        }
    }

    /** Records that stay in the order of the lists, on disk until they are copied. */
    private static final class Unsorted implements AutoCloseable {
        private final Path file;
        private final DataOutputStream out;

        Unsorted(Path file) throws IOException {
            this.file = file;
            this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
        }

        void add(byte[] record) {
            try {
                out.writeInt(record.length);
                out.write(record);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        CompiledFormat.Section copy(EntryKind kind, FileChannel target) throws IOException {
            close();
            SectionWriter section = new SectionWriter(kind, target);
            long left = Files.size(file);
            try (DataInputStream in =
                    new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
                while (left > 0) {
                    byte[] record = new byte[in.readInt()];
                    in.readFully(record);
                    section.record(record.length).put(record);
                    left -= 4L + record.length;
                }
            }
            return section.end();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
