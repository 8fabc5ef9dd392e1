package atelier.datasets;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Brings files that were written elsewhere to their places. */
public final class WholeFile {
    private WholeFile() {}

    /** Moves a file to its place, in which there may be an older one; at once where the file system can. */
    public static void move(Path made, Path place) throws IOException {
        try {
            Files.move(made, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(made, place, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
