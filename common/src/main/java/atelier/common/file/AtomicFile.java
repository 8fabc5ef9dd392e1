package atelier.common.file;

import atelier.common.work.StopSignal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Files that appear whole or not at all: written beside their place, synced, renamed. */
public final class AtomicFile {
    private AtomicFile() {}

    /** What fills the file. */
    @FunctionalInterface
    public interface Body {
        void writeTo(FileChannel out) throws IOException;
    }

    /** Creates missing parent folders, writes, syncs and renames; removes the temporary file when anything fails. */
    public static void write(Path path, Body body) throws IOException {
        Path target = path.toAbsolutePath();
        Path folder = target.getParent();
        Path name = target.getFileName();
        if (folder == null || name == null) {
            throw new IOException(path + " is not a place for a file");
        }
        Files.createDirectories(folder);
        // Threads, and processes of several machines with one number, may write the same file at the same time.
        String own = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path temporary = folder.resolve("." + name + "." + own + ".part");
        try (Unfinished part = Unfinished.at(temporary)) {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                body.writeTo(channel);
                channel.force(true);
            }
            StopSignal.check();
            move(temporary, target);
        }
    }

    /** Moves a file to its place, in which there may be an older one; at once where the file system can. */
    public static void move(Path made, Path place) throws IOException {
        try {
            Files.move(made, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(made, place, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Writes a small file. */
    public static void write(Path path, byte[] bytes) throws IOException {
        write(path, out -> {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
        });
    }

    /** Writes a text in UTF-8. */
    public static void write(Path path, String text) throws IOException {
        write(path, text.getBytes(StandardCharsets.UTF_8));
    }
}
