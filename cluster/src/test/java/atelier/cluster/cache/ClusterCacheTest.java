package atelier.cluster.cache;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.cluster.TinyRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encoding ahead on a cluster, and training on what was encoded. */
class ClusterCacheTest {
    @TempDir
    Path folder;

    private TinyRuns runs;

    @BeforeEach
    void writePictures() throws Exception {
        runs = new TinyRuns(folder);
    }

    private void cache(String name, String master) {
        runs.run("cluster cache", name, "cluster.master=" + master, "shard.pictures=2", "data.flip=0.5");
    }

    @Test
    void trainingFindsAllThatWasEncodedAndNothingElseIsDifferent() throws Exception {
        cache("ahead", "local[2]");
        assertThat(runs.said())
                .contains(
                        "9 pictures in 5 shards, 5 of them new; 0 cannot be used",
                        "runs find it that compute on: cpu, threads: 1");
        Map<String, String> encoded = runs.tree("ahead");
        assertThat(encoded).as("two files a shard").hasSize(10);
        runs.run("train", "ahead", "run.name=ahead", "data.flip=0.5");
        assertThat(runs.tree("ahead")).as("nothing was encoded in training").isEqualTo(encoded);
        runs.run("train", "own", "run.name=own", "data.flip=0.5");
        assertThat(runs.state("ahead")).isEqualTo(runs.state("own"));
        assertThat(folder.resolve("ahead/judged/ledger.csv")).exists();
    }

    @Test
    void aKilledExecutorsShardIsEncodedAgainAndAStoppedJobGoesOn() throws Exception {
        cache("one", "local[2]");
        try (TinyRuns.Killer killer = runs.kill(() -> shards(folder.resolve("two")) > 0)) {
            cache("two", TinyRuns.TWO_EXECUTORS);
            assertThat(killer.hasKilled()).isTrue();
        }
        assertThat(runs.said()).contains("at most 1 models each");
        Map<String, String> tree = runs.tree("one");
        assertThat(runs.tree("two")).isEqualTo(tree);
        try (Stream<Path> all = Files.walk(folder.resolve("two"))) {
            for (Path file : (Iterable<Path>) all.filter(each -> each.toString().contains("texts"))
                    .filter(Files::isRegularFile)
                    .limit(2)::iterator) {
                Files.delete(file);
            }
        }
        cache("two", "local[2]");
        assertThat(runs.said()).contains("9 pictures in 5 shards, 2 of them new");
        assertThat(runs.tree("two")).isEqualTo(tree);
    }

    @Test
    void cropsOfEachEpochsOwnAreRefused() {
        assertThat(runs.words(
                        List.of("cluster", "cache", "data.crop=random", "train.cache_dir=" + folder.resolve("none"))))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("data.crop must be centre to encode pictures ahead");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    private static long shards(Path cache) {
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(file -> file.toString().endsWith(".safetensors")).count();
        } catch (IOException e) {
            return 0;
        }
    }
}
