package atelier.studio.api;

import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.studio.run.RunFiles;
import atelier.studio.server.BusyException;
import atelier.studio.server.NotFoundException;
import java.awt.Dimension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Folders of pictures that came over the page, below {@code studio.data}: a picture and its caption in a .txt file of its
 * name, as {@code data.pairs} reads them. What comes must say in its first bytes that it is a picture of a size that is
 * read; it is not decoded here.
 */
public final class PictureFolders {
    private static final Pattern FOLDER = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}_-]{0,63}");
    private static final Pattern FILE =
            Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N} ()._-]{0,120}\\.(?i:png|jpe?g|webp|gif|bmp|tiff?)");
    private static final Set<String> READ = Set.of("png", "jpeg", "webp", "gif", "bmp", "tiff");
    private static final int MOST_PICTURES = 10_000;
    private static final long MOST_PIXELS = 100_000_000;
    private static final int LONGEST_CAPTION = 10_000;

    private final Path root;

    /** @param root the folder of the folders */
    public PictureFolders(Path root) {
        this.root = root;
    }

    /** The pictures of a folder, and what to write for {@code data.pairs}. */
    public record Folder(String name, String pairs, List<Picture> pictures) {}

    /** A picture and its caption; empty for none. */
    public record Picture(String file, long bytes, String caption) {}

    /** Makes a folder; one whose name exists gets a number. */
    public synchronized Folder create(String name) throws IOException {
        if (!FOLDER.matcher(name).matches()) {
            throw new WrongCommandException(
                    "name", "'" + name + "' is no folder's name", "use letters, digits, _ and - only");
        }
        String free = name;
        for (int number = 2; Files.exists(root.resolve(free)); number++) {
            free = name + "-" + number;
        }
        Files.createDirectories(root.resolve(free));
        return read(free);
    }

    /** Names of all folders. */
    public List<String> list() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> FOLDER.matcher(name).matches())
                    .sorted()
                    .toList();
        }
    }

    /** @throws NotFoundException when there is no such folder */
    public Folder read(String name) throws IOException {
        Path folder = folder(name);
        List<Picture> pictures = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : (Iterable<Path>) all.sorted()::iterator) {
                String own = file.getFileName().toString();
                if (FILE.matcher(own).matches()) {
                    Path caption = caption(file);
                    String text = Files.isRegularFile(caption)
                            ? Files.readString(caption).strip()
                            : "";
                    pictures.add(new Picture(own, Files.size(file), text));
                }
            }
        }
        return new Folder(name, folder.toString(), pictures);
    }

    private Path folder(String name) {
        Path folder = FOLDER.matcher(name).matches() ? root.resolve(name) : null;
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NotFoundException("folder '" + name + "'", "there is none of that name", "POST one first");
        }
        return folder;
    }

    /** @throws NotFoundException when there is no such picture */
    public Path picture(String name, String file) throws IOException {
        return RunFiles.within(folder(name), file);
    }

    /**
     * Takes a picture, in the place of one of its name.
     *
     * @throws WrongCommandException when it is no picture that is read, or too large
     */
    public synchronized Picture put(String name, String file, byte[] bytes) throws IOException {
        Path folder = folder(name);
        if (!FILE.matcher(file).matches()) {
            throw new WrongCommandException(
                    "'" + file + "'", "it is no picture's name", "use letters and digits, and .png, .jpg or .webp");
        }
        requirePicture(file, bytes);
        try (Stream<Path> all = Files.list(folder)) {
            if (all.limit(2L * MOST_PICTURES).count() >= 2L * MOST_PICTURES) {
                throw new BusyException(
                        "folder '" + name + "'", "it holds " + MOST_PICTURES + " pictures", "make another");
            }
        }
        AtomicFile.write(folder.resolve(file), bytes);
        return new Picture(file, bytes.length, "");
    }

    private static void requirePicture(String file, byte[] bytes) throws IOException {
        Dimension size = size(bytes);
        if (size == null) {
            throw new WrongCommandException(
                    "'" + file + "'", "it is no picture that is read", "send a PNG, JPEG, WebP, GIF, BMP or TIFF");
        }
        if ((long) size.width * size.height > MOST_PIXELS) {
            throw new WrongCommandException(
                    "'" + file + "'",
                    "it has " + size.width + " x " + size.height + " pixels",
                    "make it smaller: at most " + MOST_PIXELS + " are read");
        }
    }

    /** From the header alone. */
    private static @Nullable Dimension size(byte[] bytes) throws IOException {
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            while (readers.hasNext()) {
                ImageReader reader = readers.next();
                try {
                    String format = reader.getFormatName().toLowerCase(Locale.ROOT);
                    if (READ.contains(format.equals("jpg") ? "jpeg" : format.equals("tif") ? "tiff" : format)) {
                        reader.setInput(in, true, true);
                        return new Dimension(reader.getWidth(0), reader.getHeight(0));
                    }
                } catch (IOException | RuntimeException e) {
                    return null;
                } finally {
                    reader.dispose();
                }
            }
            return null;
        }
    }

    /** Writes a picture's caption; an empty one takes the file away. */
    public synchronized Picture caption(String name, String file, String text) throws IOException {
        Path picture = picture(name, file);
        if (text.length() > LONGEST_CAPTION) {
            throw new WrongCommandException(
                    "caption", "it has " + text.length() + " letters", "at most " + LONGEST_CAPTION + " are read");
        }
        Path caption = caption(folder(name).resolve(file));
        if (text.isBlank()) {
            Files.deleteIfExists(caption);
        } else {
            AtomicFile.write(caption, text.strip() + "\n");
        }
        return new Picture(file, Files.size(picture), text.strip());
    }

    /** Takes a picture away, with its caption. */
    public synchronized void remove(String name, String file) throws IOException {
        picture(name, file);
        Path own = folder(name).resolve(file);
        Files.delete(own);
        Files.deleteIfExists(caption(own));
    }

    private static Path caption(Path picture) {
        String name = picture.getFileName().toString();
        return picture.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
    }
}
