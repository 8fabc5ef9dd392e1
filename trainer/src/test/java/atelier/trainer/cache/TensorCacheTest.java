package atelier.trainer.cache;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.weights.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorCacheTest {
    private static final float[] VALUES = {1, -2, 3.5f, Float.MIN_VALUE, 0, -0f};
    private static final TensorCache.Limits LIMITS = new TensorCache.Limits(100, Long.MAX_VALUE, 1000);

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    private TensorCache open() throws IOException {
        return open(LIMITS);
    }

    private TensorCache open(TensorCache.Limits limits) throws IOException {
        return TensorCache.open(folder, limits, said::add);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    private static float[] filled(int value, int count) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    @Test
    void whatWasPutComesBackFromOneFile() throws IOException {
        try (TensorCache cache = open()) {
            assertThat(cache.get("a")).isEmpty();
            cache.put("a", VALUES, 2, 3);
            cache.put("b", filled(7, 4), 4);
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(VALUES);
            assertThat(files()).as("arrays wait for more").isEmpty();
        }
        assertThat(files()).hasSize(1);
        try (TensorCache cache = open()) {
            TensorCache.Entry entry = cache.get("a").orElseThrow();
            assertThat(entry.values()).isEqualTo(VALUES);
            assertThat(entry.shape()).isEqualTo(new long[] {2, 3});
            assertThat(cache.get("b").orElseThrow().values()).containsExactly(7, 7, 7, 7);
            assertThat(cache.get("c")).isEmpty();
        }
        assertThat(SafetensorsFile.open(files().get(0)).tensors()).hasSize(2);
        assertThat(said).isEmpty();
    }

    @Test
    void aKeyTellsItsPartsApart() {
        assertThat(TensorCache.key("ab", "c")).isNotEqualTo(TensorCache.key("a", "bc"));
    }

    @Test
    void arraysAreWrittenWhenTheyAreManyOrHaveWaitedLong() throws IOException {
        TensorCache many = open();
        many.put("a", filled(1, 24), 24);
        assertThat(files()).as("96 bytes").isEmpty();
        many.put("b", filled(2, 1), 1);
        assertThat(files()).as("100 bytes").hasSize(1);
        // It is not closed: a process that is killed keeps what was written.
        try (TensorCache after = open()) {
            assertThat(after.get("b")).isPresent();
        }
        TensorCache old = open(new TensorCache.Limits(100, 0, 1000));
        old.put("c", filled(3, 1), 1);
        assertThat(files()).as("at once").hasSize(2);
    }

    @Test
    void smallFilesAreJoinedAndTheSameArraysGiveTheSameFile() throws IOException {
        for (String key : List.of("a", "b", "c")) {
            try (TensorCache cache = open()) {
                cache.put(key, VALUES, 6);
            }
        }
        assertThat(files()).hasSize(1);
        byte[] joined = Files.readAllBytes(files().get(0));
        Path name = files().get(0);
        Files.delete(name);
        try (TensorCache cache = open()) {
            for (String key : List.of("c", "a", "b")) {
                cache.put(key, VALUES, 6);
            }
        }
        assertThat(files()).containsExactly(name);
        assertThat(Files.readAllBytes(name)).isEqualTo(joined);
    }

    @Test
    void largeFilesAndThoseOfShardsAreLeftAsTheyAre() throws IOException {
        TensorCache shard = TensorCache.shard(folder, said::add);
        shard.put("s", VALUES, 6);
        Path file = shard.write("shard-1").orElseThrow();
        for (int i = 0; i < 5; i++) {
            try (TensorCache cache = open()) {
                cache.put("large " + i, filled(i, 300), 300);
                assertThat(cache.get("s")).isPresent();
            }
        }
        assertThat(files()).hasSize(6).contains(file);
    }

    @Test
    void twoProcessesThatJoinTheSameFilesLoseNothing() throws IOException {
        TensorCache one = open();
        TensorCache two = open();
        one.put("a", filled(1, 2), 2);
        one.flush();
        two.put("a", filled(1, 2), 2);
        two.put("b", filled(2, 2), 2);
        two.flush();
        one.put("c", filled(3, 2), 2);
        one.close();
        assertThat(files()).hasSize(1);
        assertThat(two.get("b")).as("its file was joined to others").isPresent();
        two.put("d", filled(4, 2), 2);
        two.close();
        assertThat(files()).hasSize(1);
        try (TensorCache after = open()) {
            for (String key : List.of("a", "b", "c", "d")) {
                assertThat(after.get(key)).as(key).isPresent();
            }
        }
    }

    @Test
    void aTornFileIsNamedAndGoesAndWhatWasInItIsMadeAnew() throws IOException {
        try (TensorCache cache = open()) {
            cache.put("a", VALUES, 6);
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            said.clear();
            TensorCache cache = open();
            assertThat(cache.get("a")).as("cut to %d bytes", length).isEmpty();
            assertThat(said).containsExactly(file + " is damaged: it is not whole; what was in it is encoded anew");
        }
        try (TensorCache cache = open()) {
            cache.put("b", VALUES, 6);
        }
        assertThat(files()).hasSize(1).doesNotContain(file);
    }

    @Test
    void aDamagedArrayIsMadeAnewAndTheOthersOfItsFileAreKept() throws IOException {
        try (TensorCache cache = open()) {
            cache.put("a", VALUES, 6);
            cache.put("b", filled(2, 6), 6);
        }
        Path file = files().get(0);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x11;
            Files.write(file, damaged);
            TensorCache cache = open();
            for (String key : List.of("a", "b")) {
                cache.get(key)
                        .ifPresent(
                                entry -> assertThat(entry.values()).isEqualTo(key.equals("a") ? VALUES : filled(2, 6)));
            }
        }
        byte[] damaged = whole.clone();
        damaged[whole.length - 1] ^= 1;
        Files.write(file, damaged);
        said.clear();
        try (TensorCache cache = open()) {
            List<String> gone =
                    Stream.of("a", "b").filter(key -> cache.get(key).isEmpty()).toList();
            assertThat(gone).hasSize(1);
            assertThat(said)
                    .singleElement()
                    .asString()
                    .startsWith(file + " is damaged: an array in it is not as it was written");
            cache.put(gone.get(0), gone.get(0).equals("a") ? VALUES : filled(2, 6), 6);
        }
        assertThat(files()).containsExactly(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }

    @Test
    void theFilesAreSafetensorsUnderTheDigestsOfTheKeys() throws IOException {
        try (TensorCache cache = open()) {
            cache.put("a", VALUES, 2, 3);
        }
        SafetensorsFile file = SafetensorsFile.open(files().get(0));
        assertThat(new TreeMap<>(file.tensors()).firstKey())
                .as("SHA-256 of 'a'")
                .isEqualTo("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
        assertThat(file.metadata().get("crc32c")).matches("[0-9a-f]{8}");
    }
}
