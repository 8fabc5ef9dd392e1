package atelier.datasets.pairs;

import java.nio.file.Path;

/**
 * Where a pair, or a fault, was found: a file and the line in it, counted from 1. Line 0 means the file as a whole.
 *
 * <p>An entry of a tar archive has the origin {@code shard.tar/0012.jpg}, line 0, as if the archive were a folder.
 *
 * @param file the file as the user named it
 * @param line the line from 1, or 0 for the whole file
 */
public record Origin(Path file, long line) {
    public Origin {
        if (line < 0) {
            throw new IllegalArgumentException("a line number must be at least 0, got " + line);
        }
    }

    /** The file as a whole. */
    public static Origin of(Path file) {
        return new Origin(file, 0);
    }

    /** Reads as a place in a sentence: {@code captions.csv line 41}. */
    @Override
    public String toString() {
        String name = shortName();
        return line == 0 ? name : name + " line " + line;
    }

    /** The file's name; inside a tar archive the archive's name comes first. */
    private String shortName() {
        int names = file.getNameCount();
        if (names == 0) {
            return file.toString();
        }
        for (int i = 0; i < names - 1; i++) {
            if (file.getName(i).toString().endsWith(".tar")) {
                return file.subpath(i, names).toString();
            }
        }
        return file.getFileName().toString();
    }
}
