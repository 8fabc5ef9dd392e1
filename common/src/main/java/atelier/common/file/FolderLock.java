package atelier.common.file;

import atelier.common.error.WrongCommandException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A folder that a process holds: one that writes, alone, or any number that read. The system lets go of it with the process,
 * however that ends. The lock is on the file {@value #NAME} in the folder, which says who writes, moves with the
 * folder, and stays: to take it away would let two processes hold two files of that name.
 */
public final class FolderLock implements Closeable {
    public static final String NAME = ".lock";

    private final @Nullable FileChannel channel;
    private final boolean noted;

    private FolderLock(@Nullable FileChannel channel) {
        this(channel, false);
    }

    private FolderLock(@Nullable FileChannel channel, boolean noted) {
        this.channel = channel;
        this.noted = noted;
    }

    /**
     * Holds a folder alone.
     *
     * @param who the command, such as train
     * @param remedy what to do where another holds it
     * @throws WrongCommandException saying who holds it, since when and what to do
     */
    public static FolderLock toWrite(Path folder, String who, String remedy) throws IOException {
        Path file = folder.resolve(NAME);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (tryLock(channel, false) == null) {
            channel.close();
            throw heldByAnother(folder, file, remedy);
        }
        note(channel, who);
        return new FolderLock(channel, true);
    }

    /**
     * Holds a folder alone, to move it as it is; one that no writer ever held needs no holding.
     *
     * @throws WrongCommandException saying who holds it, since when and what to do
     */
    public static FolderLock toMove(Path folder, String remedy) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return new FolderLock(null);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (tryLock(channel, false) == null) {
            channel.close();
            throw heldByAnother(folder, file, remedy);
        }
        return new FolderLock(channel);
    }

    /**
     * Holds a folder against writers, and leaves it as it is; one that no writer ever held needs no holding.
     *
     * @param remedy what to do where a writer holds it
     * @throws WrongCommandException saying who writes, since when and what to do
     */
    public static FolderLock toRead(Path folder, String remedy) throws IOException {
        Path file = folder.resolve(NAME);
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (AccessDeniedException | NoSuchFileException e) {
            return new FolderLock(null);
        }
        if (tryLock(channel, true) == null) {
            channel.close();
            throw heldByAnother(folder, file, remedy);
        }
        return new FolderLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            // One byte far behind the text, so that the text can be read where locks bar from reading.
            return channel.tryLock(1L << 40, 1, shared);
        } catch (OverlappingFileLockException e) {
            // This process holds it.
            return null;
        }
    }

    private static void note(FileChannel channel, String who) throws IOException {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
        String text = who + " (process " + ProcessHandle.current().pid() + " on " + host() + ") since "
                + now.toLocalDate() + " " + now.toLocalTime() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    }

    /** This machine's name, as the note has it. */
    static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "this machine";
        }
    }

    private static WrongCommandException heldByAnother(Path folder, Path file, String remedy) {
        String who;
        try {
            who = Files.readString(file).strip();
        } catch (IOException e) {
            who = "";
        }
        if (who.isEmpty()) {
            who = "a command that reads it";
        }
        return new WrongCommandException(folder + " is in use by " + who + "; " + remedy);
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            try (channel) {
                if (noted) {
                    channel.truncate(0);
                }
            }
        }
    }
}
