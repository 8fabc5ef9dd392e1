package atelier.trainer.folder;

import com.google.common.io.Closer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** The runs whose files a command reads, held so that no training renames or writes them meanwhile. */
public final class ReadRuns implements Closeable {
    private final Closer held = Closer.create();

    private ReadRuns() {}

    /**
     * Holds the runs that files belong to; files of no run need none.
     *
     * @throws atelier.common.error.WrongCommandException when a training writes one of them
     */
    public static ReadRuns hold(Collection<Path> files) throws IOException {
        Set<RunFolder> runs = new LinkedHashSet<>();
        files.forEach(file -> RunFolder.around(file).ifPresent(runs::add));
        ReadRuns reading = new ReadRuns();
        try {
            for (RunFolder run : runs) {
                reading.held.register(run.holdToRead());
            }
            return reading;
        } catch (IOException | RuntimeException e) {
            reading.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        held.close();
    }
}
