package atelier.datasets.consent;

import atelier.datasets.WholeFile;
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
final class PartFile implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final Path place;
    private final Path made;
    private final FileChannel channel;
    private final OutputStream out;

    private PartFile(Path place, Path made) throws IOException {
        this.place = place;
        this.made = made;
        this.channel = FileChannel.open(made, StandardOpenOption.WRITE);
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    }

    static PartFile of(Path place) throws IOException {
        return new PartFile(
                place, Files.createTempFile(place.toAbsolutePath().getParent(), "." + place.getFileName(), ".part"));
    }

    /** Takes the bytes in order. */
    OutputStream out() {
        return out;
    }

    /** How many bytes it holds. */
    long length() throws IOException {
        out.flush();
        return channel.position();
    }

    /** Writes over bytes that are there. */
    void patch(long offset, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest, offset + rest.position());
        }
    }

    /** Sees to it that all of it is on the disk. */
    void sync() throws IOException {
        out.flush();
        channel.force(true);
        channel.close();
    }

    /** Brings the synced file to its place, in which there may be an older one. */
    void move() throws IOException {
        WholeFile.move(made, place);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(made);
    }
}
