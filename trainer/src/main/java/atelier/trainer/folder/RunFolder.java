package atelier.trainer.folder;

import atelier.common.file.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a run keeps its files.
 *
 * @param path the run's folder
 */
public record RunFolder(Path path) {
    private static final String STEP = "step-";
    private static final String REMEDY = "wait for it, stop it, or give this run another name with run.name=";
    /** A run's products lie at most so many folders below it: merged/unet/FILE. */
    private static final int LEVELS = 4;

    /** Makes the folder, and fails early when it cannot be written to. */
    public static RunFolder create(Path path) throws IOException {
        Files.createDirectories(path);
        if (!Files.isWritable(path)) {
            throw new IOException(path + " cannot be written to; choose another run.dir or run.name");
        }
        return new RunFolder(path);
    }

    /** The run that a file or folder belongs to: the nearest folder above, or itself, that holds a run's settings. */
    public static Optional<RunFolder> around(Path product) {
        Path folder = product.toAbsolutePath().normalize();
        for (int level = 0; level < LEVELS && folder != null; level++) {
            if (Files.isRegularFile(folder.resolve("resolved.conf"))) {
                return Optional.of(new RunFolder(folder));
            }
            folder = folder.getParent();
        }
        return Optional.empty();
    }

    /**
     * Holds the folder alone, to write the run.
     *
     * @throws atelier.common.error.WrongCommandException saying who uses it
     */
    public FolderLock hold(String command) throws IOException {
        return FolderLock.toWrite(path, command, REMEDY);
    }

    /**
     * Holds the folder alone, to rename it.
     *
     * @throws atelier.common.error.WrongCommandException saying who uses it
     */
    public FolderLock holdToMove() throws IOException {
        return FolderLock.toMove(path, REMEDY);
    }

    /**
     * Holds the folder against a run that would write it, to read what it left.
     *
     * @throws atelier.common.error.WrongCommandException saying which run writes it
     */
    public FolderLock holdToRead() throws IOException {
        return FolderLock.toRead(path, "wait until it has ended");
    }

    public Path adapter() {
        return path.resolve("adapter.safetensors");
    }

    /** A file for each token that was trained. */
    public Path embeddings() {
        return path.resolve("embeddings");
    }

    /** The adapter of the least validation loss, where something is held out. */
    public Path bestAdapter() {
        return path.resolve("adapter-best.safetensors");
    }

    /** The verdict on every picture. */
    public Path ledger() {
        return path.resolve("ledger.csv");
    }

    /** The held-out pictures' own ledger, where validation.pairs names them. */
    public Path validation() {
        return path.resolve("validation");
    }

    public Path merged() {
        return path.resolve("merged");
    }

    /** What else the run was asked to write. */
    public Path exports() {
        return path.resolve("export");
    }

    /** Why nothing that the run trained may be given away; there only while that is so. */
    public Path withheld() {
        return path.resolve("withheld.txt");
    }

    /** How the run ended; not there while it goes on, and after an end that left it no time to say. */
    public Path ending() {
        return path.resolve("ended.txt");
    }

    public Path progress() {
        return path.resolve("progress.json");
    }

    public Path metrics() {
        return path.resolve("metrics.csv");
    }

    public Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    public Path log() {
        return path.resolve("train.log");
    }

    public Path samples() {
        return path.resolve("samples");
    }

    public Path states() {
        return path.resolve("state");
    }

    /** The folder of a step's saved state. */
    public Path state(long step) {
        return states().resolve(String.format(Locale.ROOT, "%s%06d", STEP, step));
    }

    /** The adapter as it was at a saved step; not there where the run was not asked for it, or trained no adapter. */
    public Path adapterOf(long step) {
        return adapterIn(state(step));
    }

    /** The same, in a state's folder that has yet to get its name. */
    public static Path adapterIn(Path state) {
        return state.resolve("adapter.safetensors");
    }

    /** Steps whose state was saved whole, earliest first. */
    public List<Long> savedSteps() throws IOException {
        List<Long> steps = new ArrayList<>();
        if (Files.isDirectory(states())) {
            try (Stream<Path> entries = Files.list(states())) {
                for (Path entry : (Iterable<Path>) entries::iterator) {
                    String name = entry.getFileName().toString();
                    if (name.matches(STEP + "\\d{6,18}") && Files.isDirectory(entry)) {
                        steps.add(Long.parseLong(name.substring(STEP.length())));
                    }
                }
            }
        }
        steps.sort(null);
        return steps;
    }

    /** The latest step whose state was saved. */
    public Optional<Long> lastSavedStep() throws IOException {
        List<Long> steps = savedSteps();
        return steps.isEmpty() ? Optional.empty() : Optional.of(steps.get(steps.size() - 1));
    }
}
