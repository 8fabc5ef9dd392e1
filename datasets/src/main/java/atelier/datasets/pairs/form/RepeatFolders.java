package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Origin;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Repeats by folder names, {@code 10_name}, as sd-scripts has them: folders directly within the one that is named count,
 * others do not. Whatever a number in a folder's name did, or did not do, is told once a folder.
 *
 * <p>Source: sd-scripts, library/config_util.py, generate_dreambooth_subsets_config_by_subdirs.
 */
final class RepeatFolders {
    private static final Pattern NAME = Pattern.compile("(\\d+)(?:_(.*))?");
    /** A number of more digits is a date. */
    private static final int DIGITS = 6;

    private static final int MANY = 100;
    private static final String RENAME = "rename the folder if that is not meant";

    private final Path root;
    private final Map<Path, Integer> pictures = new TreeMap<>();

    RepeatFolders(Path root) {
        this.root = root;
    }

    /**
     * @param repeats how often each picture of the folder counts
     * @param name what follows the number; may be blank
     */
    record Repeats(int repeats, String name) {}

    /** What the folder of an image says; null where it says nothing that counts. Every image is asked for once. */
    @Nullable
    Repeats of(Path image) {
        for (Path above = image.getParent(); above != null && above.startsWith(root); above = above.getParent()) {
            if (NAME.matcher(name(above)).matches()) {
                pictures.merge(above, 1, Integer::sum);
            }
        }
        Path relative = root.relativize(image);
        return relative.getNameCount() < 2 ? null : repeats(relative.getName(0).toString());
    }

    private static @Nullable Repeats repeats(String folder) {
        Matcher matcher = NAME.matcher(folder);
        if (!matcher.matches() || matcher.group(2) == null || matcher.group(1).length() > DIGITS) {
            return null;
        }
        return new Repeats(Integer.parseInt(matcher.group(1)), matcher.group(2));
    }

    /** Tells of every folder whose name begins with a number. */
    void tell(Consumer<Finding> findings) {
        pictures.forEach((folder, count) -> findings.accept(told(folder, count)));
    }

    private Finding told(Path folder, int count) {
        Origin place = Origin.of(folder);
        String number = name(folder).split("_", 2)[0];
        Repeats repeats = repeats(name(folder));
        if (!root.equals(folder.getParent())) {
            String where = folder.equals(root) ? "is the folder of data.pairs itself" : "lies deeper within data.pairs";
            return Finding.note(
                    place,
                    null,
                    where + ", so the " + number + " in its name is no count of repeats",
                    "as in sd-scripts, only folders directly within data.pairs count");
        }
        if (repeats == null) {
            return Finding.warning(
                    place,
                    null,
                    "the " + number + " in its name is not taken as a count of repeats, which sd-scripts would do",
                    "name it such as 10_name if repeats are meant");
        }
        if (repeats.repeats() == 0) {
            return Finding.warning(
                    place, null, "its " + pictures(count) + " never shown, as the 0 in its name says", RENAME);
        }
        String fact = "its " + pictures(count) + " shown " + repeats.repeats() + " times an epoch, as its name says";
        boolean year = repeats.repeats() >= 1800 && repeats.repeats() <= 2199;
        if (year || repeats.repeats() > MANY) {
            String doubt = year ? "; is it a year?" : ", which is a large number of repeats";
            return Finding.warning(place, null, fact + doubt, RENAME + ", such as " + swapped(repeats));
        }
        return Finding.note(place, null, fact, RENAME);
    }

    private static String pictures(int count) {
        return count == 1 ? "picture is" : count + " pictures are";
    }

    private static String swapped(Repeats repeats) {
        return (repeats.name().isBlank() ? "pictures" : repeats.name()) + "_" + repeats.repeats();
    }

    private static String name(Path folder) {
        Path name = folder.getFileName();
        return name == null ? "" : name.toString();
    }
}
