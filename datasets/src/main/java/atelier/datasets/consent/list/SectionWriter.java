package atelier.datasets.consent.list;

import atelier.common.file.Sha256;
import atelier.common.work.StopSignal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Appends one section to a compiled list, chunk by chunk, and notes each chunk's digest. Records never straddle chunks. */
final class SectionWriter {
    private final EntryKind kind;
    private final FileChannel file;
    private final long offset;
    private final ByteBuffer chunk = ByteBuffer.allocate(CompiledFormat.CHUNK);
    private final List<CompiledFormat.Chunk> chunks = new ArrayList<>();
    private final MessageDigest digest = Sha256.digest();
    private long records;
    private @Nullable String first;

    SectionWriter(EntryKind kind, FileChannel file) throws IOException {
        this.kind = kind;
        this.file = file;
        this.offset = file.position();
    }

    /** Room for the next record of {@code length} bytes; the caller fills it. */
    ByteBuffer record(int length) throws IOException {
        if (chunk.remaining() < length) {
            flush();
        }
        records++;
        return chunk;
    }

    /** Like {@link #record}, for a sorted section: {@code key} is noted if the record opens a chunk. */
    ByteBuffer keyed(int length, String key) throws IOException {
        ByteBuffer room = record(length);
        if (room.position() == 0) {
            first = key;
        }
        return room;
    }

    /** Whether the next record of {@code length} bytes opens a chunk. */
    boolean opens(int length) {
        return chunk.position() == 0 || chunk.remaining() < length;
    }

    CompiledFormat.Section end() throws IOException {
        flush();
        return new CompiledFormat.Section(kind, offset, records, chunks);
    }

    private void flush() throws IOException {
        StopSignal.check();
        chunk.flip();
        if (chunk.hasRemaining()) {
            String sha256 = HexFormat.of().formatHex(digest.digest(copy()));
            chunks.add(new CompiledFormat.Chunk(chunk.limit(), sha256, first));
            while (chunk.hasRemaining()) {
                file.write(chunk);
            }
        }
        chunk.clear();
        first = null;
    }

    private byte[] copy() {
        byte[] bytes = new byte[chunk.limit()];
        chunk.get(0, bytes);
        return bytes;
    }
}
