package atelier.studio.run;

import atelier.studio.job.Launch;
import atelier.studio.server.NotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Files of runs, by the run's name and their place in its folder. What is not there, what is hidden and what a link or
 * {@code ..} leads to outside are answered alike.
 */
public final class RunFiles {
    private final Path runs;

    /** @param runs the folder of all runs */
    public RunFiles(Path runs) {
        this.runs = runs;
    }

    /** The folder of all runs. */
    public Path runs() {
        return runs;
    }

    /**
     * A run's folder.
     *
     * @throws NotFoundException when there is no run of the name
     */
    public Path run(String name) {
        try {
            if (Launch.isName(name)) {
                Path folder = runs.resolve(name);
                if (Files.isRegularFile(folder.resolve("resolved.conf"))) {
                    return folder;
                }
            }
        } catch (InvalidPathException e) {
            throw missing(name, e);
        }
        throw missing(name, null);
    }

    private static NotFoundException missing(String name, @Nullable Exception cause) {
        NotFoundException missing = new NotFoundException(
                "run '" + name + "'", "there is none of that name", "GET /api/v1/runs lists them");
        if (cause != null) {
            missing.addSuppressed(cause);
        }
        return missing;
    }

    /**
     * A file in a run's folder.
     *
     * @param relative its place there, such as samples/step-000100.png
     * @throws NotFoundException when it is not there, or not within
     */
    public Path file(String name, String relative) throws IOException {
        return within(run(name), relative);
    }

    /**
     * A file below a folder.
     *
     * @throws NotFoundException when it is not there, or not within
     */
    public static Path within(Path folder, String relative) throws IOException {
        NotFoundException none = new NotFoundException("'" + relative + "'", "there is no such file", "");
        try {
            Path path = Path.of(relative);
            if (path.isAbsolute() || relative.isEmpty()) {
                throw none;
            }
            for (Path part : path) {
                if (part.toString().startsWith(".") || part.toString().isEmpty()) {
                    throw none;
                }
            }
            Path real = folder.resolve(path).toRealPath();
            if (!real.startsWith(folder.toRealPath()) || !Files.isRegularFile(real)) {
                throw none;
            }
            return real;
        } catch (InvalidPathException | FileSystemException e) {
            none.addSuppressed(e);
            throw none;
        }
    }
}
