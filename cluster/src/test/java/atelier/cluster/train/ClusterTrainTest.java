package atelier.cluster.train;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.cluster.TinyRuns;
import atelier.common.file.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on a cluster beside training on one machine. */
class ClusterTrainTest {
    @TempDir
    Path folder;

    @Test
    void twoThreadsOfThisProcessGiveTheBytesOfOneMachineAlsoWhenTheRunGoesOn() throws Exception {
        TinyRuns runs = new TinyRuns(folder);
        String[] keys = {"adapter.rank_dropout=0.3", "adapter.text_encoders=true"};
        runs.run("train", "cache", with("run.name=here", keys));
        runs.run("cluster train", "cache", with("run.name=there", keys, "cluster.master=local[2]", "train.steps=4"));
        assertThat(runs.state("there")).isEqualTo(runs.state("here"));
        assertThat(runs.said()).contains("executors compute on: ").doesNotContain("warning");
        assertThat(Files.readString(runs.at("there").resolve("resolved.conf")))
                .as("a run as train makes it")
                .doesNotContain("cluster", "transport");
        FileTree.delete(runs.at("there").resolve("state/step-000004"));
        assertThat(runs.words(List.of("cluster", "train", "resume=" + runs.at("there"), "cluster.master=local[2]")))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("going on after step 2 of 4");
        assertThat(runs.state("there")).isEqualTo(runs.state("here"));
    }

    @Test
    void anExecutorThatIsKilledChangesNothing() throws Exception {
        TinyRuns runs = new TinyRuns(folder);
        runs.run("train", "cache", "run.name=here");
        Path figures = runs.at("there").resolve("metrics.csv");
        try (TinyRuns.Killer killer = runs.kill(() -> lines(figures) > 2)) {
            runs.run("cluster train", "cache", "run.name=there", "cluster.master=" + TinyRuns.TWO_EXECUTORS);
            assertThat(killer.hasKilled())
                    .as("an executor was killed after the first step")
                    .isTrue();
        }
        assertThat(runs.state("there")).isEqualTo(runs.state("here"));
    }

    @Test
    void halfTheBytesRoundTheResult() throws Exception {
        TinyRuns runs = new TinyRuns(folder);
        runs.run("train", "cache", "run.name=here");
        runs.run("cluster train", "cache", "run.name=there", "cluster.master=local[2]", "passes.transport=bf16");
        assertThat(runs.state("there")).hasSameSizeAs(runs.state("here")).isNotEqualTo(runs.state("here"));
    }

    @Test
    void furtherDevicesAreRefused() throws Exception {
        TinyRuns runs = new TinyRuns(folder);
        assertThat(runs.words(List.of(
                        "cluster",
                        "train",
                        "data.pairs=" + folder.resolve("pairs.csv"),
                        "optout.manifests=[" + folder.resolve("optout.jsonl") + "]",
                        "train.devices=[cpu]",
                        "run.dir=" + folder.resolve("runs"))))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("train.devices must be empty in cluster train");
    }

    private static int lines(Path file) {
        try {
            return Files.readAllLines(file).size();
        } catch (IOException e) {
            return 0;
        }
    }

    private static String[] with(String name, String[] keys, String... more) {
        return Stream.of(new String[] {name}, keys, more)
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
    }
}
