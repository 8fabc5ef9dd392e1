package atelier.common.file;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is written beside its place and comes there whole, or goes. */
public final class StagedFile implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final Path place;
    private final Path made;
    private final FileChannel channel;
    private final OutputStream out;
    private final Unfinished part;

    private StagedFile(Path place, Path made) throws IOException {
        this.place = place;
        this.made = made;
        this.part = Unfinished.at(made);
        this.channel = FileChannel.open(made, StandardOpenOption.WRITE);
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    }

    public static StagedFile of(Path place) throws IOException {
        return new StagedFile(
                place, Files.createTempFile(place.toAbsolutePath().getParent(), "." + place.getFileName(), ".part"));
    }

    /** Takes the bytes in order. */
    public OutputStream out() {
        return out;
    }

    /** How many bytes it holds. */
    public long length() throws IOException {
        out.flush();
        return channel.position();
    }

    /** Writes over bytes that are there. */
    public void patch(long offset, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest, offset + rest.position());
        }
    }

    /** Sees to it that all of it is on the disk. */
    public void sync() throws IOException {
        out.flush();
        channel.force(true);
        channel.close();
    }

    /** Brings the synced file to its place, in which there may be an older one. */
    public void move() throws IOException {
        AtomicFile.move(made, place);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        part.close();
    }
}
