package atelier.datasets.pairs.form;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers whether image files exist. A folder that many rows name is listed once, which for a million rows is several
 * times faster than asking the file system about each; a name that the listing lacks is asked for all the same, because
 * some file systems know names in another letter case or normal form.
 */
final class ImageFolder {
    private static final int LIST_AFTER = 64;
    private static final Set<String> UNLISTED = Set.of();

    private final Path root;
    private final Map<String, Integer> asked = new HashMap<>();
    private final Map<String, Set<String>> listed = new HashMap<>();

    ImageFolder(Path root) {
        this.root = root;
    }

    Path resolve(String name) {
        return root.resolve(name);
    }

    /** Whether {@code name}, relative to the root or absolute, is a file. */
    boolean has(String name) {
        int slash = name.lastIndexOf('/');
        String folder = slash < 0 ? "" : name.substring(0, slash + 1);
        if (asked.merge(folder, 1, Integer::sum) > LIST_AFTER) {
            Set<String> names = listed.computeIfAbsent(folder, f -> list(root.resolve(f)));
            if (names.contains(name.substring(slash + 1))) {
                return true;
            }
        }
        return Files.isRegularFile(root.resolve(name));
    }

    /**
     * The name under which a file is there that is asked for under another: with backslashes, or with letters and accents
     * put together otherwise than on disk; null where none is.
     */
    @Nullable
    String otherwise(String name) {
        String slashed = name.replace('\\', '/');
        for (String other : new String[] {
            slashed,
            Normalizer.normalize(slashed, Normalizer.Form.NFC),
            Normalizer.normalize(slashed, Normalizer.Form.NFD)
        }) {
            if (!other.equals(name) && has(other)) {
                return other;
            }
        }
        return null;
    }

    /** The name of a file that differs from the given one in letter case only; null where none is. */
    @Nullable
    String inOtherCase(String name) {
        String slashed = name.replace('\\', '/');
        int end = slashed.lastIndexOf('/') + 1;
        String folder = slashed.substring(0, end);
        for (String each : listed.computeIfAbsent(folder, f -> list(root.resolve(f)))) {
            if (each.equalsIgnoreCase(slashed.substring(end))) {
                return folder + each;
            }
        }
        return null;
    }

    private static Set<String> list(Path folder) {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, p -> !Files.isDirectory(p))) {
            entries.forEach(p -> names.add(p.getFileName().toString()));
        } catch (IOException e) {
            return UNLISTED; // has() then asks for each file by itself
        }
        return names;
    }
}
