package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.common.file.FileTree;
import atelier.inference.request.GenerationPlan.FileDigests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files that an older picture was made of among those that the command names, by digest where the picture says
 * it, else by name. Pictures of the first versions say paths; a file that lies there still is taken.
 */
final class RecordedFiles {
    private static final int SHOWN_DIGITS = 10;

    private final List<Path> given;
    private final @Nullable Path folder;
    private final Set<Path> used = new LinkedHashSet<>();

    /**
     * @param given files that the command names
     * @param folder looked through with all below it; null for none
     */
    RecordedFiles(List<Path> given, @Nullable Path folder) {
        this.given = List.copyOf(given);
        this.folder = folder;
    }

    /**
     * The file.
     *
     * @param kind what it is, for messages: adapter, embedding
     * @param recorded name or path
     * @param sha256 of it; null where the picture does not say
     * @param remedy how the command names such a file, with FILE for it
     * @throws WrongCommandException if it is not there, or two fit
     */
    Path find(String kind, String recorded, @Nullable String sha256, String remedy) throws IOException {
        String name = FileName.of(recorded);
        List<Path> candidates = new ArrayList<>();
        given.stream().filter(Files::exists).forEach(candidates::add);
        Path old = path(recorded);
        if (old != null) {
            candidates.add(old);
        }
        List<Path> below = below(name);
        candidates.addAll(below);
        List<Path> named = candidates.stream()
                .filter(path -> FileName.of(path).equals(name))
                .distinct()
                .toList();
        List<Path> found = named;
        if (sha256 != null) {
            found = new ArrayList<>();
            for (Path path : new LinkedHashSet<>(candidates)) {
                if (sha256.equals(FileDigests.of(path))) {
                    found.add(path);
                }
            }
        } else if (found.size() > 1 && named.stream().anyMatch(given::contains)) {
            found = named.stream().filter(given::contains).toList();
        }
        String digest = sha256 == null ? "" : " (sha256 " + shortened(sha256) + ")";
        if (found.isEmpty()) {
            String other = named.isEmpty()
                    ? " is not among the files that the command names"
                    : " is missing: " + named.get(0) + " has its name and is another file";
            throw new WrongCommandException("from_image: the picture's " + kind + " '" + name + "'" + digest + other
                    + "; name it: " + remedy.replace("FILE", "FOLDER/" + name));
        }
        if (sha256 == null && found.size() > 1) {
            throw new WrongCommandException("from_image: the picture's " + kind + " '" + name + "' may be "
                    + found.stream().map(Path::toString).collect(Collectors.joining(" or "))
                    + "; name the one that is meant: "
                    + remedy.replace("FILE", found.get(0).toString()));
        }
        used.add(found.get(0));
        return found.get(0);
    }

    /** The files that the command names and the picture does not. */
    List<Path> unused() {
        return given.stream().filter(path -> !used.contains(path)).toList();
    }

    private static String shortened(String sha256) {
        return sha256.substring(0, Math.min(SHOWN_DIGITS, sha256.length()));
    }

    private static @Nullable Path path(String recorded) {
        try {
            Path path = Path.of(recorded);
            return Files.exists(path) ? path : null;
        } catch (InvalidPathException e) {
            return null; // another system's path
        }
    }

    private List<Path> below(String name) throws IOException {
        Path top = folder;
        if (top == null || !Files.isDirectory(top)) {
            return List.of();
        }
        return FileTree.find(top, path -> FileName.of(path).equals(name));
    }
}
