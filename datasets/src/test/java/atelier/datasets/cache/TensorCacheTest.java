package atelier.datasets.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorCacheTest {
    private static final float[] VALUES = {1, -2, 3.5f, Float.MIN_VALUE, 0, -0f};

    @TempDir
    Path folder;

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void whatWasPutComesBack() throws IOException {
        TensorCache cache = new TensorCache(folder);
        String key = TensorCache.key("picture", "512x512+0+0", "vae");
        assertThat(cache.get(key)).isEmpty();
        cache.put(key, VALUES, 2, 3);
        TensorCache.Entry entry = new TensorCache(folder).get(key).orElseThrow();
        assertThat(entry.values()).isEqualTo(VALUES);
        assertThat(entry.shape()).isEqualTo(new long[] {2, 3});
        assertThat(files()).hasSize(1);
    }

    @Test
    void anotherEncodersEntryIsNotRead() throws IOException {
        TensorCache cache = new TensorCache(folder);
        cache.put(TensorCache.key("picture", "vae one"), VALUES, 6);
        assertThat(cache.get(TensorCache.key("picture", "vae two"))).isEmpty();
        assertThat(TensorCache.key("ab", "c")).isNotEqualTo(TensorCache.key("a", "bc"));
    }

    @Test
    void aFileMovedToAnotherKeysPlaceIsNotRead() throws IOException {
        TensorCache cache = new TensorCache(folder);
        cache.put("one", VALUES, 6);
        Path one = files().get(0);
        cache.put("two", VALUES, 6);
        Path two = files().stream().filter(f -> !f.equals(one)).findFirst().orElseThrow();
        Files.copy(one, two, StandardCopyOption.REPLACE_EXISTING);
        assertThat(cache.get("two")).isEmpty();
        assertThat(cache.get("one")).isPresent();
    }

    @Test
    void aTornOrDamagedFileIsMadeAnewAndNeverRead() throws IOException {
        TensorCache cache = new TensorCache(folder);
        cache.put("key", VALUES, 6);
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(cache.get("key")).as("cut to %d bytes", length).isEmpty();
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x10;
            Files.write(file, damaged);
            assertThat(cache.get("key")).as("byte %d damaged", i).isEmpty();
        }
        cache.put("key", VALUES, 6);
        assertThat(cache.get("key")).isPresent();
    }
}
