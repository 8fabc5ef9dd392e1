package atelier.studio.draw;

import atelier.common.file.AtomicFile;
import atelier.common.file.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folders of drawings, one each, named by the time; the oldest are removed once there are too many. */
final class DrawFolders {
    static final int MOST = 500;
    private static final Pattern ID = Pattern.compile("\\d{8}-\\d{6}-[0-9a-f]{6}");
    private static final Pattern PICTURE = Pattern.compile("[A-Za-z0-9_-]{1,60}\\.(png|jpg|jpeg|webp|gif|bmp)");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final String TOLD = "draw.json";
    private static final ObjectMapper JSON = JsonText.mapper();

    private final Path top;
    private final SecureRandom random = new SecureRandom();
    private final Set<String> open = new HashSet<>();

    /** @param data the studio's folder for pictures */
    DrawFolders(Path data) {
        this.top = data.toAbsolutePath().normalize().resolve("draws");
    }

    /** A name for a new drawing. */
    String id() {
        return TIME.format(LocalDateTime.now(ZoneId.systemDefault()))
                + String.format(Locale.ROOT, "-%06x", random.nextInt(1 << 24));
    }

    /** Makes a drawing's folder, which stays until {@link #close}, and removes the oldest of those that ended. */
    synchronized Path create(String id) throws IOException {
        open.add(id);
        Path folder = Files.createDirectories(top.resolve(id));
        List<String> all = ids();
        for (String old : all.subList(Math.min(MOST, all.size()), all.size())) {
            if (!open.contains(old)) {
                delete(old);
            }
        }
        return folder;
    }

    /** Writes what is to be told of a drawing that has ended; from then on it may be removed. */
    synchronized void close(String id, JsonNode told) throws IOException {
        AtomicFile.write(top.resolve(id).resolve(TOLD), JSON.writeValueAsString(told));
        open.remove(id);
    }

    /** The names of all, latest first. */
    List<String> ids() throws IOException {
        if (!Files.isDirectory(top)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(top)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> ID.matcher(name).matches())
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    /** What was told of a drawing that ended. */
    Optional<JsonNode> told(String id) throws IOException {
        Path file = top.resolve(id).resolve(TOLD);
        return ID.matcher(id).matches() && Files.isRegularFile(file)
                ? Optional.of(JSON.readTree(file.toFile()))
                : Optional.empty();
    }

    /** A picture of a drawing, by its name; empty where there is none. */
    Optional<Path> picture(String id, String name) throws IOException {
        if (!ID.matcher(id).matches() || !PICTURE.matcher(name).matches()) {
            return Optional.empty();
        }
        Path file = top.resolve(id).resolve(name);
        boolean within = Files.isRegularFile(file) && file.toRealPath().startsWith(top.toRealPath());
        return within ? Optional.of(file) : Optional.empty();
    }

    /** Removes a drawing's folder; whether there was one. */
    synchronized boolean delete(String id) throws IOException {
        Path folder = top.resolve(id);
        open.remove(id);
        if (!ID.matcher(id).matches() || !Files.isDirectory(folder)) {
            return false;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException fault) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
        return true;
    }
}
