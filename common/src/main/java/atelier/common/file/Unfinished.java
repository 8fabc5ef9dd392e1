package atelier.common.file;

import atelier.common.work.StopSignal;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A file or folder that is being written beside its place. It goes when its writing ends, also with the process. */
public final class Unfinished implements Closeable {
    private static final Set<Path> ALL = ConcurrentHashMap.newKeySet();

    static {
        StopSignal.beforeEnd(Unfinished::removeAll);
    }

    private final Path path;

    private Unfinished(Path path) {
        this.path = path;
    }

    /** @param path which need not be there, now or at the end */
    public static Unfinished at(Path path) {
        Path absolute = path.toAbsolutePath();
        ALL.add(absolute);
        return new Unfinished(absolute);
    }

    /** Removes it, unless it was moved to its place. */
    @Override
    public void close() throws IOException {
        try {
            FileTree.delete(path);
        } finally {
            ALL.remove(path);
        }
    }

    /** Removes everything that is unfinished: for a process that ends without ending its work. */
    public static void removeAll() {
        for (Path path : ALL) {
            try {
                FileTree.delete(path);
            } catch (IOException e) {
                // It is beside its place and has a name of its own: it does no harm.
            }
        }
    }
}
