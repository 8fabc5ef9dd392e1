package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The files of a folder and of all below it. */
final class FolderFiles {
    private FolderFiles() {}

    /**
     * All files in name order, links followed, hidden ones left out.
     *
     * @param findings told of what cannot be reached
     */
    static SortedSet<Path> of(Path folder, Consumer<Finding> findings) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        return hidden(folder, dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (!hidden(folder, file)) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        findings.accept(Finding.error(
                                Origin.of(file),
                                file,
                                "cannot be reached: " + e.getClass().getSimpleName(),
                                "mend the link or the permissions"));
                        return FileVisitResult.CONTINUE;
                    }
                });
        return new TreeSet<>(files);
    }

    private static boolean hidden(Path folder, Path file) {
        return !file.equals(folder) && file.getFileName().toString().startsWith(".");
    }
}
