package atelier.trainer.prepare;

import atelier.common.file.Sha256;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The adapter that a run starts from.
 *
 * @param file an adapter's file, or a folder of PEFT's; null where the run starts from none
 */
public record InitialAdapter(@Nullable Path file) {
    /** Whether it changes the text encoders of a model. */
    public boolean changesText(Checkpoint base) throws IOException {
        return file != null
                && AdapterFile.read(file, base.component(Component.UNET).config()).components().stream()
                        .anyMatch(Component::isTextEncoder);
    }

    /**
     * Reads it.
     *
     * @throws atelier.common.error.WrongCommandException when it is no adapter for that model
     */
    void requireFit(Checkpoint base) throws IOException {
        if (file != null) {
            AdapterFile.read(file, base.component(Component.UNET).config());
        }
    }

    /** SHA-256 of the file, or of all files' digests in a folder; empty where there is none. */
    public String digest() throws IOException {
        if (file == null || !Files.isDirectory(file)) {
            return file == null ? "" : Sha256.of(file);
        }
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(file)) {
            List<Path> sorted = files.filter(Files::isRegularFile).sorted().toList();
            for (Path each : sorted) {
                all.append(Sha256.of(each));
            }
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }
}
