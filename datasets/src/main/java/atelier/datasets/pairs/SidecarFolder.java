package atelier.datasets.pairs;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder, with all below it, of images beside files of the same name that describe them: {@code .txt} or {@code
 * .caption} with a caption a line (the first is the main one), {@code .json} with the columns that a table may have.
 *
 * <p>Within a folder named {@code 10_name}, as sd-scripts has it, every image repeats 10 times, and {@code name} is the
 * caption of an image that has none. In name order, so that the list is the same everywhere.
 */
public final class SidecarFolder implements PairSource {
    private static final Pattern REPEATS = Pattern.compile("(\\d{1,6})_(.*)");
    private static final Column CAPTION = new Column(Column.Role.CAPTION, "caption");
    private static final Column ALTERNATIVE = new Column(Column.Role.ALTERNATIVE, "caption");
    private static final Set<String> SIDECARS = Set.of("txt", "caption", "json");

    private final Path folder;

    public SidecarFolder(Path folder) {
        this.folder = folder;
    }

    @Override
    public PairList read() throws IOException {
        PairCollector collector = new PairCollector(folder);
        SortedSet<Path> files = files(collector);
        Set<String> stems = new HashSet<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (ImageNames.isImage(name)) {
                stems.add(ImageNames.stem(file.toString()));
                image(collector, files, file);
            } else if (ImageNames.isUnread(name)) {
                stems.add(ImageNames.stem(file.toString()));
                collector.find(Finding.error(
                        Origin.of(file), file, "is of a format that is not read", "convert it to PNG or JPEG"));
            }
        }
        for (Path file : files) {
            boolean sidecar =
                    SIDECARS.contains(ImageNames.extension(file.getFileName().toString()));
            if (sidecar && !stems.contains(ImageNames.stem(file.toString()))) {
                collector.find(Finding.warning(
                        Origin.of(file), null, "describes no image of its name", "add the image or remove the file"));
            }
        }
        PairList list = collector.list();
        if (list.pairs().isEmpty() && list.errors().isEmpty()) {
            throw new FindingException(Finding.error(
                    Origin.of(folder),
                    null,
                    "'" + folder + "' holds no images",
                    "put images with .txt captions into it"));
        }
        return list;
    }

    private void image(PairCollector collector, Set<Path> files, Path file) throws IOException {
        collector.begin(Origin.of(file));
        String stem = ImageNames.stem(file.toString());
        for (String extension : List.of("txt", "caption")) {
            Path text = Path.of(stem + "." + extension);
            if (files.contains(text) && !collector.hasCaption()) {
                captions(collector, text);
            }
        }
        Path json = Path.of(stem + ".json");
        if (files.contains(json)) {
            JsonFields.put(collector, text(json));
        }
        Matcher named = named(file);
        if (named != null) {
            collector.repeats(Integer.parseInt(named.group(1)));
            if (!collector.hasCaption() && !named.group(2).isBlank()) {
                collector.put(CAPTION, named.group(2));
                collector.find(Finding.warning(
                        Origin.of(file),
                        file,
                        "has no caption file, so its folder's name '" + named.group(2) + "' is its caption",
                        "write a .txt file beside it if that is not meant"));
            }
        }
        collector.content(folder.relativize(file).toString(), ImageBytes.of(file));
        collector.end();
    }

    private static void captions(PairCollector collector, Path file) throws IOException {
        Column column = CAPTION;
        for (String line : text(file).lines().toList()) {
            if (!line.isBlank()) {
                collector.put(column, line);
                column = ALTERNATIVE;
            }
        }
    }

    private static String text(Path file) throws IOException {
        try {
            String text = Files.readString(file);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new FindingException(Finding.error(Origin.of(file), null, "is not UTF-8", "save it as UTF-8"), e);
        }
    }

    /** The nearest folder above the file whose name gives a number of repeats, within the folder that was named. */
    private @Nullable Matcher named(Path file) {
        for (Path above = file.getParent(); above != null && above.startsWith(folder); above = above.getParent()) {
            Path name = above.getFileName();
            Matcher matcher = REPEATS.matcher(name == null ? "" : name.toString());
            if (matcher.matches()) {
                return matcher;
            }
        }
        return null;
    }

    /** All files in name order, links followed, hidden ones left out. */
    private SortedSet<Path> files(PairCollector collector) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        return hidden(dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (!hidden(file)) {
                            files.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        collector.find(Finding.error(
                                Origin.of(file),
                                file,
                                "cannot be reached: " + e.getClass().getSimpleName(),
                                "mend the link or the permissions"));
                        return FileVisitResult.CONTINUE;
                    }
                });
        return new TreeSet<>(files);
    }

    private boolean hidden(Path file) {
        return !file.equals(folder) && file.getFileName().toString().startsWith(".");
    }
}
