package atelier.cli.choice;

import atelier.cli.config.Composition;
import atelier.common.error.WrongCommandException;
import atelier.common.file.FolderLock;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;

/** A run's name where none is given: that of its data. */
public final class RunName {
    public static final String KEY = "run.name";
    /** Names that say what a file or folder is for, and nothing of what is in it. */
    private static final Set<String> GENERAL = Set.of(
            "captions",
            "metadata",
            "train",
            "training",
            "data",
            "dataset",
            "images",
            "pictures",
            "pairs",
            "index",
            "labels");

    private static final String OTHERWISE = "run";
    /** Code points: a folder's name has at most 255 bytes, and sweeps and numbers add to it. */
    private static final int LONGEST = 40;

    private RunName() {}

    /** The name that a composition has, or the one chosen for it, without a number. */
    public static String of(Composition composition) {
        if (!composition.isAuto(KEY)) {
            return composition.text(KEY);
        }
        return composition.isNull("data.pairs") ? OTHERWISE : ofData(composition.path("data.pairs"));
    }

    /**
     * The name, with the first number that no run has where there is a run of that name. A run that was refused, or ended
     * otherwise before its first step, has left its ledger and nothing that was trained: it does not keep its name from the
     * run that comes after it, which renames its folder.
     */
    public static String free(String name, Path runs) {
        String free = name;
        for (int number = 2; isTaken(new RunFolder(runs.resolve(free))); number++) {
            free = name + "-" + number;
        }
        return free;
    }

    private static boolean isTaken(RunFolder run) {
        if (!Files.exists(run.path())) {
            return false;
        }
        if (Files.exists(run.metrics()) || !Files.isRegularFile(run.ledger())) {
            return true;
        }
        try (FolderLock idle = run.holdToMove()) {
            return false;
        } catch (WrongCommandException | IOException e) {
            return true; // it is being written: the first step is still to come
        }
    }

    /** A table's or folder's own name, or where it is a general one such as captions.csv that of the folder around it. */
    static String ofData(Path pairs) {
        Path path = pairs.toAbsolutePath().normalize();
        boolean table = !Files.isDirectory(path);
        while (path != null && path.getFileName() != null) {
            String name = path.getFileName().toString();
            int dot = name.lastIndexOf('.');
            String stem = cleaned(table && dot > 0 ? name.substring(0, dot) : name);
            if (!stem.isEmpty() && !GENERAL.contains(stem.toLowerCase(Locale.ROOT))) {
                return stem;
            }
            table = false;
            path = path.getParent();
        }
        return OTHERWISE;
    }

    /** Letters and digits of any language, and the signs that every file system takes. */
    private static String cleaned(String name) {
        String composed = Normalizer.normalize(name, Normalizer.Form.NFC);
        String plain =
                composed.replaceAll("[^\\p{L}\\p{M}\\p{N}._-]+", "-").replaceAll("^[^\\p{L}\\p{N}]+|[._-]+$", "");
        int length = Math.min(LONGEST, plain.codePointCount(0, plain.length()));
        return plain.substring(0, plain.offsetByCodePoints(0, length)).replaceAll("[._-]+$", "");
    }
}
