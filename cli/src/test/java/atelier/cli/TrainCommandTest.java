package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.common.file.FileTree;
import atelier.common.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The train command as a user calls it, on a tiny random model. */
class TrainCommandTest {
    private static final Path MODEL = RunFolder.model("sd1");

    @TempDir
    Path folder;

    private RunFolder runs;

    @BeforeEach
    void writePairs() throws IOException {
        runs = new RunFolder(folder, 7, 16, 16);
    }

    private ExitStatus train(String... keys) {
        return runs.train(
                MODEL, List.of("train.steps=6", "train.save_every=3", "sample.prompts=[fox]", "sample.steps=2"), keys);
    }

    private ExitStatus run(List<String> words) {
        return runs.run(words);
    }

    private String said() {
        return runs.said();
    }

    private Path runFolder(String name) {
        return runs.at(name);
    }

    private byte[] adapter(String name) throws IOException {
        return Files.readAllBytes(runFolder(name).resolve("adapter.safetensors"));
    }

    /** A copy of a run as it was when it stopped after step 3. */
    private Path stoppedAfter3(String name) throws IOException {
        Path from = runFolder(name);
        Path to = runFolder(name + "-stopped");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else if (!each.toString().contains("step-000006") && !each.endsWith("adapter.safetensors")) {
                    Files.copy(each, target);
                }
            }
        }
        Files.deleteIfExists(to.resolve("state/step-000006"));
        return to;
    }

    @Test
    void theSameCommandTwiceGivesTheSameAdapter() throws IOException {
        assertThat(train("run.name=one")).as(said()).isEqualTo(ExitStatus.DONE);
        byte[] first = adapter("one");
        assertThat(train("run.name=one")).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains("an earlier run of this name is now " + runFolder("one.1"));
        assertThat(adapter("one")).isEqualTo(first).isEqualTo(adapter("one.1"));
        assertThat(train("run.name=other", "train.seed=1")).isEqualTo(ExitStatus.DONE);
        assertThat(adapter("other")).isNotEqualTo(first);
        for (String file : List.of(
                "ledger.csv",
                "ledger.json",
                "credits.md",
                "resolved.conf",
                "metrics.csv",
                "merged/model_index.json",
                "samples/before-after.png")) {
            assertThat(runFolder("one").resolve(file)).exists();
        }
        assertThat(Files.readAllLines(runFolder("one").resolve("metrics.csv"))).hasSize(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "optimizer=adamw train.gradient_accumulation=2",
                "optimizer=prodigy adapter=dora",
                "optimizer=schedule_free_adamw model.dtype=bf16",
                "optimizer=adafactor data.flip=0.5 data.crop=random data.caption_dropout=0.3"
            })
    void aRunThatStoppedGoesOnBitForBit(String settings) throws IOException {
        List<String> keys = new ArrayList<>(Arrays.asList(settings.split(" ")));
        keys.add("run.name=whole");
        assertThat(train(keys.toArray(String[]::new))).as(said()).isEqualTo(ExitStatus.DONE);
        Path stopped = stoppedAfter3("whole");
        assertThat(run(List.of("train", "resume=" + stopped))).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains("going on after step 3 of 6");
        assertThat(Files.readAllBytes(stopped.resolve("adapter.safetensors"))).isEqualTo(adapter("whole"));
        List<String> rows = Files.readAllLines(stopped.resolve("metrics.csv"));
        assertThat(rows.stream().map(row -> row.substring(0, row.indexOf(','))))
                .containsExactly("step", "1", "2", "3", "4", "5", "6");
    }

    /** Field case 6: cut short, without its facts, and with none that is whole. */
    @Test
    void aBrokenStateIsSetAsideAndTheOneBeforeItGoesOn() throws IOException {
        assertThat(train("run.name=whole", "train.save_every=1", "train.keep_states=6"))
                .as(said())
                .isEqualTo(ExitStatus.DONE);
        byte[] expected = adapter("whole");
        Path run = stoppedAfter3("whole");
        for (int step = 4; step <= 5; step++) {
            FileTree.delete(run.resolve("state/step-00000" + step));
        }
        Path newest = run.resolve("state/step-000003/state.safetensors");
        byte[] bytes = Files.readAllBytes(newest);
        Files.write(newest, Arrays.copyOf(bytes, bytes.length - 7));
        Files.writeString(run.resolve("state/step-000002/state.json"), "{\"step\": 2");
        assertThat(run(List.of("train", "resume=" + run))).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said())
                .contains("the state of step 3 is broken", "step-000003.broken; step 1 is the newest that is whole")
                .contains("the state of step 2 is broken", "going on after step 1 of 6");
        assertThat(Files.readAllBytes(run.resolve("adapter.safetensors"))).isEqualTo(expected);

        for (Path state : states(run)) {
            Files.writeString(state.resolve("state.safetensors"), "");
        }
        assertThat(run(List.of("train", "resume=" + run))).isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("no saved state is whole", "train the run anew");
    }

    private static List<Path> states(Path run) throws IOException {
        try (Stream<Path> states = Files.list(run.resolve("state"))) {
            return states.filter(state -> state.getFileName().toString().matches("step-\\d+"))
                    .toList();
        }
    }

    @Test
    void resumingWithOtherSettingsSaysWhatDiffersAndRefuses() throws IOException {
        assertThat(train("run.name=whole")).as(said()).isEqualTo(ExitStatus.DONE);
        Path stopped = stoppedAfter3("whole");
        assertThat(run(List.of("train", "resume=" + stopped, "train.seed=9"))).isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("train.seed: saved 0, now 9").contains("train.resume_anyway=true");
        assertThat(run(List.of("train", "resume=" + stopped, "train.seed=9", "train.resume_anyway=true")))
                .as(said())
                .isEqualTo(ExitStatus.DONE);
    }

    @Test
    void aLossThatIsNoNumberKeepsTheLastState() throws IOException {
        ExitStatus status = train(
                "run.name=nan",
                "optimizer.lr=1e30",
                "train.max_grad_norm=0",
                "schedule.warmup=0",
                "train.save_every=1",
                "train.keep_states=9");
        assertThat(status).isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("step 2: the").contains("the state of step 1 is kept in");
        assertThat(runFolder("nan").resolve("state/step-000001/state.safetensors"))
                .exists();
        assertThat(runFolder("nan").resolve("state/step-000002")).doesNotExist();
        assertThat(runFolder("nan").resolve("adapter.safetensors")).doesNotExist();
    }

    @Test
    void aBrokenImageIsReportedAndTheRunGoesOn() throws IOException {
        Files.writeString(folder.resolve("pairs3.png"), "not a picture");
        assertThat(train("run.name=broken")).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains("3.png");
        assertThat(train("run.name=strict", "data.on_error=fail")).isEqualTo(ExitStatus.FAILED);
        assertThat(said()).contains("3.png");
    }

    @Test
    void aMissingImageIsInTheLedgerWithItsReason() throws IOException {
        Files.delete(folder.resolve("pairs2.png"));
        assertThat(train("run.name=missing")).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(Files.readString(runFolder("missing").resolve("ledger.csv")))
                .contains("2.png")
                .contains("failed");
    }

    @Test
    void consentIsRefusedWithItsOwnStatus() throws IOException {
        assertThat(train("run.name=a", "optout.manifests=[" + folder.resolve("none.jsonl") + "]"))
                .isEqualTo(ExitStatus.REFUSED);
        assertThat(said()).contains("none.jsonl");
        assertThat(train("run.name=b", "licence.allow=[CC-BY-4.0]")).isEqualTo(ExitStatus.REFUSED);
        assertThat(runFolder("b").resolve("adapter.safetensors")).doesNotExist();
        requireWholeLedger("b");
        assertThat(train("run.name=c", "licence.allow=[CC-BY-4.0]", "licence.mode=open"))
                .isEqualTo(ExitStatus.REFUSED);
        requireWholeLedger("c");
    }

    /** The ledger is written while the run gets ready: however that ends, all of it is there. */
    private void requireWholeLedger(String name) throws IOException {
        Path run = runFolder(name);
        assertThat(Files.readAllLines(run.resolve("ledger.csv"))).hasSize(8);
        assertThat(Files.readString(run.resolve("ledger.json")))
                .contains(Sha256.of(run.resolve("ledger.csv")))
                .endsWith("}");
        assertThat(run.resolve("credits.md")).exists();
        try (Stream<Path> all = Files.list(run)) {
            assertThat(all.filter(file -> file.toString().endsWith(".part"))).isEmpty();
        }
    }

    @Test
    void aWrongModelIsOneClearError() throws IOException {
        assertThat(train("model.path=" + folder)).isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains(folder.toString());
    }

    /** Neither the finished run of that name nor anything else is touched. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.path=nowhere",
                "data.pairs=nowhere.csv",
                "data.prior_pairs=nowhere.csv",
                "validation.pairs=nowhere.csv",
                "adapter.init_from=nowhere.safetensors"
            })
    void aCommandThatNamesWhatIsNotThereTouchesNothing(String key) throws IOException {
        Path finished = Files.createDirectories(runFolder("one"));
        Files.writeString(finished.resolve("adapter.safetensors"), "finished");
        assertThat(train("run.name=one", key)).as(said()).isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("nowhere").contains("does not exist").contains("; ");
        assertThat(Files.readString(finished.resolve("adapter.safetensors"))).isEqualTo("finished");
        try (Stream<Path> runs = Files.list(finished.getParent())) {
            assertThat(runs.filter(
                            each -> !each.equals(finished) && each.toString().contains("one")))
                    .isEmpty();
        }
    }

    @Test
    void truncatedWeightsAreOneClearError() throws IOException {
        Path copy = folder.resolve("model");
        try (Stream<Path> all = Files.walk(MODEL)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = copy.resolve(MODEL.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
        Path weights = copy.resolve("unet/diffusion_pytorch_model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
        assertThat(train("model.path=" + copy)).isEqualTo(ExitStatus.WRONG);
        assertThat(said()).contains("diffusion_pytorch_model.safetensors").contains("truncated");
    }

    @Test
    void aTornCacheFileIsMadeAnew() throws IOException {
        assertThat(train("run.name=first")).as(said()).isEqualTo(ExitStatus.DONE);
        try (Stream<Path> all = Files.walk(folder.resolve("cache"))) {
            for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                byte[] bytes = Files.readAllBytes(each);
                Files.write(each, Arrays.copyOf(bytes, bytes.length / 2));
            }
        }
        assertThat(train("run.name=again")).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains(".safetensors is damaged: it is not whole; what was in it is encoded anew");
        assertThat(adapter("again")).hasSameSizeAs(adapter("first"));
        assertThat(Files.readAllLines(runFolder("again").resolve("metrics.csv"))
                        .get(6)
                        .split(",")[1])
                .isEqualTo(Files.readAllLines(runFolder("first").resolve("metrics.csv"))
                        .get(6)
                        .split(",")[1]);
    }
}
