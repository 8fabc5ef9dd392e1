package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import atelier.cli.command.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a run divides its steps, validates, keeps what it saved, masks and preserves, on a tiny random model. */
class TrainMechanicsTest {
    @TempDir
    Path folder;

    private MechanicsRuns runs;

    @BeforeEach
    void writePictures() throws IOException {
        runs = new MechanicsRuns(folder);
    }

    private void done(String name, String... keys) {
        assertThat(runs.train(name, keys)).as(runs.said()).isEqualTo(ExitStatus.DONE);
    }

    private List<Double> losses(String name) throws IOException {
        return runs.column(name, "loss").stream().map(Double::valueOf).toList();
    }

    private List<String> saved(String name) throws IOException {
        try (Stream<Path> states = Files.list(runs.at(name, "state"))) {
            return states.map(state -> state.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void accumulationEqualsTheLargeBatch() throws IOException {
        // Plain SGD, whose update is the gradient itself.
        String[] sgd = {"optimizer=sgd", "optimizer.lr=0.5", "train.max_grad_norm=0", "schedule=constant"};
        done("large", with(sgd, "train.batch_size=8"));
        done("small", with(sgd, "train.batch_size=2", "train.gradient_accumulation=4"));
        assertThat(runs.difference("small", "large")).isLessThan(1e-6);
        for (int i = 0; i < 6; i++) {
            assertThat(losses("small").get(i)).isCloseTo(losses("large").get(i), within(1e-6));
        }
    }

    /** All runs share one folder of cached latents and text states. */
    @Test
    void whatIsCachedMayHaveAPrecisionOfItsOwn() throws IOException {
        done("usual");
        done("exact", "train.cache_dtype=fp32");
        done("narrow", "train.cache_dtype=bf16");
        assertThat(losses("exact")).isEqualTo(losses("usual"));
        for (int i = 0; i < 6; i++) {
            double usual = losses("usual").get(i);
            assertThat(losses("narrow").get(i)).isNotEqualTo(usual).isCloseTo(usual, withinPercentage(5));
        }
        assertThat(runs.train("refused", "train.cache_dtype=fp16")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("train.cache_dtype=fp16 needs a GPU");
        assertThat(runs.run(List.of("train", "resume=" + runs.at("narrow", ""), "train.cache_dtype=null")))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("train.cache_dtype: saved bf16, now null");
    }

    @Test
    void twoReplicasEqualOneWithTwiceTheBatch() throws IOException {
        for (String adapter : List.of("lora", "dora")) {
            String[] adamw = {"adapter=" + adapter, "optimizer.eps=1e-4"};
            done("one-" + adapter, with(adamw, "train.batch_size=4"));
            done("two-" + adapter, with(adamw, "train.batch_size=2", "train.devices=[cpu]"));
            assertThat(runs.difference("two-" + adapter, "one-" + adapter)).isLessThan(1e-5);
            for (int i = 0; i < 6; i++) {
                assertThat(losses("two-" + adapter).get(i))
                        .isCloseTo(losses("one-" + adapter).get(i), within(1e-5));
            }
        }
    }

    private static String[] with(String[] keys, String... more) {
        return Stream.concat(Stream.of(keys), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void validationComparesAcrossRuns() throws IOException {
        // At a rate of almost nothing the network stays the base: whatever else differs, the curve must not.
        String[] still = {"validation.fraction=0.25", "validation.every=2", "optimizer.lr=1e-20"};
        done("first", still);
        done("second", with(still, "train.seed=9", "train.batch_size=3", "objective=min_snr", "data.flip=0.5"));
        List<String> curve = runs.column("first", "validation");
        assertThat(curve.get(0)).isEmpty();
        assertThat(curve.get(1)).isNotEmpty().isEqualTo(curve.get(3));
        for (int step : new int[] {2, 4, 6}) {
            double value = Double.parseDouble(curve.get(step - 1));
            assertThat(Double.parseDouble(runs.column("second", "validation").get(step - 1)))
                    .isCloseTo(value, within(1e-6));
        }
        done("third", with(still, "validation.seed=1"));
        assertThat(runs.column("third", "validation")).isNotEqualTo(curve);
    }

    @Test
    void theBestAdapterAndItsStateAreKept() throws IOException {
        done(
                "best",
                "validation.fraction=0.25",
                "validation.every=1",
                "optimizer.lr=0.05",
                "schedule=constant",
                "schedule.warmup=0",
                "train.keep_states=1");
        List<Double> curve =
                runs.column("best", "validation").stream().map(Double::valueOf).toList();
        int best = curve.indexOf(curve.stream().min(Double::compare).orElseThrow()) + 1;
        assertThat(saved("best")).contains(String.format("step-%06d", best), "step-000006");
        byte[] kept = Files.readAllBytes(runs.at("best", "adapter-best.safetensors"));
        byte[] last = Files.readAllBytes(runs.at("best", "adapter.safetensors"));
        assertThat(java.util.Arrays.equals(kept, last)).isEqualTo(best == 6);
    }

    @Test
    void aRunWithNothingToGainEndsEarlyAndResumesToItsEnd() throws IOException {
        done("early", "validation.fraction=0.25", "validation.every=1", "validation.patience=2", "optimizer.lr=1e-20");
        assertThat(runs.said()).contains("2 validations without a lower loss than that of step 1");
        assertThat(runs.column("early", "loss")).hasSize(3);
        byte[] adapter = Files.readAllBytes(runs.at("early", "adapter.safetensors"));
        Files.delete(runs.at("early", "adapter.safetensors"));
        ExitStatus again = runs.run(List.of("train", "resume=" + folder.resolve("runs/early")));
        assertThat(again).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(runs.column("early", "loss")).hasSize(3);
        assertThat(Files.readAllBytes(runs.at("early", "adapter.safetensors"))).isEqualTo(adapter);
    }

    @Test
    void aRunThatValidatesAndHasReplicasResumesBitForBit() throws IOException {
        String[] keys = {
            "validation.fraction=0.25",
            "validation.every=3",
            "train.devices=[cpu]",
            "train.batch_size=1",
            "optimizer.ema_decay=0.9",
            "adapter.dropout=0.2"
        };
        done("whole", keys);
        assertThat(runs.train("part", with(keys, "train.keep_every=3", "validation.keep_best=false")))
                .isEqualTo(ExitStatus.DONE);
        removeTheLastState("part");
        ExitStatus again = runs.run(List.of("train", "resume=" + folder.resolve("runs/part")));
        assertThat(again).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("going on after step 3 of 6");
        assertThat(runs.difference("part", "whole")).isZero();
        for (String figure : List.of("loss", "loss_smoothed", "validation", "grad_norm")) {
            assertThat(runs.column("part", figure)).isEqualTo(runs.column("whole", figure));
        }
    }

    private void removeTheLastState(String name) throws IOException {
        try (Stream<Path> files = Files.walk(runs.at(name, "state/step-000006"))) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void picturesThatAreHeldOutByATableAreJudgedAndNotTrainedOn() throws IOException {
        runs.pictures("others", 3, 77, false);
        done("table", "validation.pairs=" + folder.resolve("others.csv"), "validation.every=3");
        assertThat(Files.readAllLines(runs.at("table", "validation/ledger.csv")))
                .hasSize(4);
        assertThat(Files.readAllLines(runs.at("table", "ledger.csv"))).hasSize(9);
        assertThat(runs.train("shared", "validation.pairs=" + folder.resolve("pairs.csv")))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("8 pictures that data.pairs holds too").contains("pairs0.png");
        assertThat(runs.train("refused", "validation.pairs=" + folder.resolve("others.csv"), "licence.allow=[MIT]"))
                .isEqualTo(ExitStatus.REFUSED);
    }

    @Test
    void opaquePicturesMaskNothingAndTransparentOnesDo() throws IOException {
        done("plain");
        done("opaque", "data.mask=alpha", "objective.masked_loss=true");
        assertThat(runs.difference("opaque", "plain")).isZero();
        runs.pictures("pairs", 8, 5, true);
        done("whole-2");
        done("masked", "data.mask=alpha", "objective.masked_loss=true");
        assertThat(losses("masked").get(0))
                .isBetween(
                        0.2 * losses("whole-2").get(0), 0.8 * losses("whole-2").get(0));
        done("again", "data.mask=alpha", "objective.masked_loss=true");
        assertThat(runs.difference("again", "masked"))
                .as("masks from the cache")
                .isZero();
        assertThat(runs.train("none", "data.mask=file", "objective.masked_loss=true"))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(runs.said()).contains("pairs.csv line 2").contains("has no mask");
    }

    @Test
    void picturesOfTheClassCountByTheirWeight() throws IOException {
        runs.pictures("class", 2, 99, false);
        String[] prior = {
            "train.batch_size=16", "data.prior_pairs=" + folder.resolve("class.csv"), "data.trigger_word=zwx"
        };
        done("full", prior);
        done("half", with(prior, "objective.prior_loss_weight=0.5"));
        done("none", with(prior, "objective.prior_loss_weight=0"));
        assertThat(Files.readAllLines(runs.at("full", "ledger.csv"))).hasSize(11);
        // Before the first update all three see the same: the loss is linear in the weight.
        double full = losses("full").get(0);
        double none = losses("none").get(0);
        assertThat(losses("half").get(0)).isCloseTo((full + none) / 2, within(1e-6));
        assertThat(full).isNotEqualTo(none);
    }

    @Test
    void statesStayByTheirRules() throws IOException {
        done("kept", "train.save_every=1", "train.keep_states=1", "train.keep_every=2");
        assertThat(saved("kept")).containsExactly("step-000002", "step-000004", "step-000006");
    }

    @Test
    void eachSavedStateHasTheAdapterOfItsStep() throws IOException {
        done("steps", "train.save_every=2", "train.keep_states=2");
        assertThat(saved("steps")).containsExactly("step-000004", "step-000006");
        byte[] last = Files.readAllBytes(runs.at("steps", "adapter.safetensors"));
        assertThat(Files.readAllBytes(runs.at("steps", "state/step-000006/adapter.safetensors")))
                .isEqualTo(last);
        byte[] fourth = Files.readAllBytes(runs.at("steps", "state/step-000004/adapter.safetensors"));
        assertThat(fourth).isNotEqualTo(last);
        removeTheLastState("steps");
        ExitStatus again = runs.run(List.of("train", "resume=" + folder.resolve("runs/steps")));
        assertThat(again).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(Files.readAllBytes(runs.at("steps", "state/step-000006/adapter.safetensors")))
                .as("resumed after step 4")
                .isEqualTo(last);
        ExitStatus inspected = runs.run(List.of(
                "inspect",
                runs.at("steps", "state/step-000004/adapter.safetensors").toString()));
        assertThat(inspected).as(runs.said()).isEqualTo(ExitStatus.DONE);
        done("without", "train.save_every=2", "export.saved_steps=false");
        assertThat(runs.at("without", "state/step-000006/adapter.safetensors")).doesNotExist();
        assertThat(runs.difference("without", "steps")).isZero();
    }

    @Test
    void someBlocksMayComputeAgainAndNothingChanges() throws IOException {
        done("keeping");
        done("some", "train.gradient_checkpointing=true", "train.checkpointed_blocks=[down_blocks.0,up_blocks.1]");
        assertThat(runs.difference("some", "keeping")).isLessThan(1e-6);
        assertThat(runs.train("wrong", "train.gradient_checkpointing=true", "train.checkpointed_blocks=[down]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("'down'").contains("down_blocks.0, ");
    }

    @Test
    void ratesByPatternHaveCurvesOfTheirOwn() throws IOException {
        done("rates", "adapter.rates={\"*.attn2.*\"=0.5}", "adapter.ranks={\"up_blocks.*\"=3}");
        assertThat(Files.readAllLines(runs.at("rates", "metrics.csv")).get(0)).contains("lr.unet,", "lr.unet.x0.5000,");
        assertThat(Double.parseDouble(runs.column("rates", "lr.unet.x0.5000").get(4)))
                .isCloseTo(0.5 * Double.parseDouble(runs.column("rates", "lr").get(4)), within(1e-12));
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(folder.resolve("taken"), "a file");
        assertThat(runs.train("any", "run.dir=" + folder.resolve("taken"))).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains(folder.resolve("taken").toString());
    }
}
