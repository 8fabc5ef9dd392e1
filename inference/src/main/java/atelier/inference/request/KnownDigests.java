package atelier.inference.request;

import atelier.common.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 digests of files, each computed once for as long as the file stays as it is: a process that draws again and again
 * need not read a model anew for each picture.
 */
final class KnownDigests {
    private static final int MOST = 256;

    private static final Map<State, String> KNOWN = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<State, String> eldest) {
            return size() > MOST;
        }
    };

    private KnownDigests() {}

    /**
     * What changes with a file's content.
     *
     * @param key the file system's own name of the file, such as an inode; null where it has none
     */
    private record State(
            Path file,
            long size,
            FileTime modified,
            @Nullable Object key) {}

    static String of(Path file) throws IOException {
        State state = state(file);
        synchronized (KNOWN) {
            String known = KNOWN.get(state);
            if (known != null) {
                return known;
            }
        }
        String digest = Sha256.of(file);
        // A file that was written meanwhile is not remembered.
        if (Objects.equals(state, state(file))) {
            synchronized (KNOWN) {
                KNOWN.put(state, digest);
            }
        }
        return digest;
    }

    private static State state(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new State(file.toRealPath(), attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
}
