package atelier.cli.command;

import atelier.common.file.FileTree;
import atelier.common.file.FolderLock;
import atelier.trainer.folder.RunFolder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The place of a new run. An earlier run of its name is renamed, never written over; where the command turns out wrong
 * before training has begun, the new run's folder goes and the earlier one has its name again.
 */
final class NewRunFolder implements Closeable {
    private final Path path;
    private final @Nullable Path earlier;
    private final List<Path> made;
    private final FolderLock lock;

    private NewRunFolder(Path path, @Nullable Path earlier, List<Path> made, FolderLock lock) {
        this.path = path;
        this.earlier = earlier;
        this.made = made;
        this.lock = lock;
    }

    /**
     * Makes room: an earlier run of the name gets a number. The folder is held until this is closed.
     *
     * @throws atelier.common.error.WrongCommandException when a run of the name is being written or read
     */
    static NewRunFolder at(Path path, Consumer<String> says) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path parent = path.toAbsolutePath().getParent();
                parent != null && !Files.exists(parent);
                parent = parent.getParent()) {
            missing.add(parent);
        }
        if (!Files.exists(path)) {
            return new NewRunFolder(path, null, missing, held(path));
        }
        int number = 1;
        while (Files.exists(path.resolveSibling(path.getFileName() + "." + number))) {
            number++;
        }
        Path aside = path.resolveSibling(path.getFileName() + "." + number);
        try (FolderLock idle = new RunFolder(path).holdToMove()) {
            Files.move(path, aside);
        }
        says.accept("an earlier run of this name is now " + aside);
        return new NewRunFolder(path, aside, missing, held(path));
    }

    private static FolderLock held(Path path) throws IOException {
        return RunFolder.create(path).hold("train");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** Leaves everything as it was before, unless training has begun. */
    void undo(Consumer<String> says) throws IOException {
        if (Files.exists(new RunFolder(path).metrics())) {
            return;
        }
        FileTree.delete(path);
        if (earlier != null) {
            Files.move(earlier, path);
            says.accept("the earlier run is " + path + " again");
        }
        for (Path parent : made) {
            try {
                Files.deleteIfExists(parent);
            } catch (DirectoryNotEmptyException e) {
                // Another run was put there meanwhile.
                return;
            }
        }
    }
}
