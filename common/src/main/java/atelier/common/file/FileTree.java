package atelier.common.file;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder with all below it. */
public final class FileTree {
    private FileTree() {}

    /** Deletes a file, a link itself, or a folder with all below it; nothing where nothing is. */
    public static void delete(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            MoreFiles.deleteRecursively(path, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    /** Files and folders below a folder that a condition names, in name order. */
    public static List<Path> find(Path folder, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(wanted).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The part of a path below a folder, with slashes on every system. */
    public static String below(Path folder, Path path) {
        return folder.relativize(path).toString().replace('\\', '/');
    }
}
