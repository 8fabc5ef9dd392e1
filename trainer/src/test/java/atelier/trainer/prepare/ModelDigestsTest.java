package atelier.trainer.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.Golden;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDigestsTest {
    @TempDir
    Path folder;

    private Path model() throws IOException {
        Path from = Golden.REPOSITORY.resolve("diffusion/src/test/resources/golden/models/sd1");
        Path to = folder.resolve("model");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                    Files.setLastModifiedTime(target, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
                }
            }
        }
        return to;
    }

    private String digest(Path model, Component... components) throws IOException {
        return new ModelDigests(Checkpoint.open(model), folder.resolve("cache")).of(components);
    }

    private long kept() throws IOException {
        Path models = folder.resolve("cache/models");
        if (!Files.isDirectory(models)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(models)) {
            return files.count();
        }
    }

    @Test
    void aDigestIsKeptUntilAFileChanges() throws IOException {
        Path model = model();
        String before = digest(model, Component.UNET);
        assertThat(kept()).isEqualTo(1);
        assertThat(digest(model, Component.UNET)).isEqualTo(before);
        assertThat(digest(model, Component.VAE)).isNotEqualTo(before);
        assertThat(kept()).isEqualTo(2);

        Path weights = model.resolve("unet/diffusion_pytorch_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        // A file as young as this may change again within the clock's grain: its digest is not kept.
        assertThat(digest(model, Component.UNET)).isNotEqualTo(before);
        assertThat(kept()).isEqualTo(2);
    }
}
