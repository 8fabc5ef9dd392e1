package atelier.diffusion.weights.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, mapped read-only: opening costs the header, and a tensor's bytes are paged in when read. The
 * mapping lives as long as a view of it is reachable, so there is nothing to close. Files beyond 2 GiB are mapped in
 * windows that begin and end between tensors.
 */
public final class SafetensorsFile {
    private static final long WINDOW = 1L << 30;

    private final Path path;
    private final Map<String, String> metadata;
    private final Map<String, TensorView> tensors;

    private SafetensorsFile(Path path, Map<String, String> metadata, Map<String, TensorView> tensors) {
        this.path = path;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Opens and checks a file.
     *
     * @throws WeightsException when it does not exist or is not a whole, well-formed safetensors file
     * @throws IOException when reading fails
     */
    public static SafetensorsFile open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new WeightsException(path + " is a folder, not a safetensors file; name a file in it");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            readFully(channel, prefix, 0);
            if (prefix.hasRemaining()) {
                throw malformed(path, "it has " + size + " bytes, fewer than the eight that give the header's length");
            }
            long length = prefix.getLong(0);
            if (length < 0 || length > SafetensorsHeader.MAX_LENGTH) {
                throw malformed(
                        path,
                        "its header would be " + Long.toUnsignedString(length) + " bytes long; the format allows "
                                + SafetensorsHeader.MAX_LENGTH);
            }
            if (length > size - 8) {
                throw malformed(path, "its header would be " + length + " bytes long, the file has " + size);
            }
            ByteBuffer text = ByteBuffer.allocate((int) length);
            readFully(channel, text, 8);
            SafetensorsHeader header = SafetensorsHeader.parse(text.flip(), size - 8 - length);
            return new SafetensorsFile(
                    path,
                    Collections.unmodifiableMap(header.metadata()),
                    Collections.unmodifiableMap(map(path, channel, header.tensors(), 8 + length)));
        } catch (SafetensorsHeader.Malformed e) {
            throw malformed(path, String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            throw new WeightsException(path + " does not exist; check the key that names it", e);
        } catch (AccessDeniedException e) {
            throw new WeightsException(path + " may not be read; change its permissions", e);
        }
    }

    private static WeightsException malformed(Path path, String fact) {
        return new WeightsException(path + " is not a readable safetensors file: " + fact
                + "; it may be truncated or of another format, fetch or export it again");
    }

    private static void readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        while (target.hasRemaining() && channel.read(target, position + target.position()) >= 0) {
            // Reads may be short.
        }
    }

    private static Map<String, TensorView> map(
            Path path, FileChannel channel, List<SafetensorsHeader.Entry> entries, long dataStart) throws IOException {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        int first = 0;
        while (first < entries.size()) {
            long begin = entries.get(first).begin();
            int last = first;
            while (last + 1 < entries.size() && entries.get(last + 1).end() - begin <= WINDOW) {
                last++;
            }
            long length = entries.get(last).end() - begin;
            if (length > Integer.MAX_VALUE) {
                throw new WeightsException(
                        path + ": the tensor '" + entries.get(first).name() + "' has " + length
                                + " bytes; more than 2 GiB in one tensor is not supported");
            }
            ByteBuffer window = channel.map(MapMode.READ_ONLY, dataStart + begin, length);
            for (SafetensorsHeader.Entry entry : entries.subList(first, last + 1)) {
                int size = (int) (entry.end() - entry.begin());
                tensors.put(
                        entry.name(),
                        new TensorView(
                                entry.dtype(), entry.shape(), window.slice((int) (entry.begin() - begin), size)));
            }
            first = last + 1;
        }
        return tensors;
    }

    public Path path() {
        return path;
    }

    /** The file's {@code __metadata__}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors by name, in the order of their bytes. */
    public Map<String, TensorView> tensors() {
        return tensors;
    }

    /** A tensor, or null when the file has none of that name. */
    public @Nullable TensorView find(String name) {
        return tensors.get(name);
    }
}
