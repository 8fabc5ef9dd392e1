package atelier.trainer.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
    private static final float[] VALUES = {1, 2};

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    @Test
    void anotherEncodersArraysLieInAnotherFolder() throws IOException {
        try (CacheFolder cache = CacheFolder.of(folder, said::add)) {
            cache.of("latents", "one").put("a", VALUES, 2);
            cache.of("latents", "two").put("b", VALUES, 2);
            cache.of("texts", "one").put("c", VALUES, 2);
            assertThat(cache.of("latents", "one").get("b")).isEmpty();
        }
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all.map(each -> each.getFileName().toString()))
                    .hasSize(3)
                    .allMatch(name -> name.matches("(latents|texts)-[0-9a-f]{16}"));
        }
        try (CacheFolder cache = CacheFolder.of(folder, said::add)) {
            assertThat(cache.of("latents", "one").get("a")).isPresent();
            assertThat(cache.of("latents", "two").get("b")).isPresent();
        }
        assertThat(said).isEmpty();
    }

    @Test
    void aShardIsOneFileOfItsNameForEachKind() throws IOException {
        try (CacheFolder shard = CacheFolder.ofShard(folder)) {
            shard.of("latents", "one").put("a", VALUES, 2);
            shard.of("latents", "one").put("b", VALUES, 2);
            shard.of("texts", "one").put("c", VALUES, 2);
            shard.write("shard-7");
        }
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all.filter(Files::isRegularFile))
                    .hasSize(2)
                    .allMatch(file -> file.endsWith("shard-7.safetensors"));
        }
        try (CacheFolder cache = CacheFolder.of(folder, said::add)) {
            assertThat(cache.of("latents", "one").get("b")).isPresent();
            assertThat(cache.of("texts", "one").get("c")).isPresent();
        }
    }

    @Test
    void filesOfAnEarlierVersionAreToldInOneLine() throws IOException {
        Files.createDirectories(folder.resolve("a7"));
        Files.createDirectories(folder.resolve("b0"));
        CacheFolder.of(folder, said::add).close();
        assertThat(said)
                .containsExactly(folder + " holds the cache of an earlier version in folders named 00 to ff, which is"
                        + " not read; they may be deleted");
    }
}
