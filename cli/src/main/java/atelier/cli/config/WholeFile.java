package atelier.cli.config;

import atelier.diffusion.weights.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;

/** Text files of the commands, whole or not at all: {@link AtomicFile} under the name that commands know. */
public final class WholeFile {
    private WholeFile() {}

    /** Writes a text in UTF-8. */
    public static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, text);
    }
}
