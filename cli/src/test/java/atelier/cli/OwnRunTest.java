package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.diffusion.tensor.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A first run of one's own images, with as little said as README says: rows 7 to 12 of the field's cases. */
class OwnRunTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));

    @TempDir
    Path folder;

    private RunFolder runs;
    private Path data;

    @BeforeEach
    void writePairs() throws IOException {
        data = Files.createDirectory(folder.resolve("harbour"));
        runs = new RunFolder(data, 6, 24, 16);
        List<String> captions = List.of("pier", "crane", "ferry", "gulls (many)", "fog", "rope");
        runs.table("captions", 6, captions::get);
        for (int i = 0; i < 6; i++) {
            Files.move(data.resolve("pairs" + i + ".png"), data.resolve("captions" + i + ".png"));
        }
    }

    private ExitStatus train(String... keys) {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "model.path=" + RunFolder.model("sd1"),
                "device=cpu",
                "data.pairs=" + data.resolve("captions.csv"),
                "adapter.rank=2",
                "sample.steps=2",
                "train.steps=4",
                "train.gradient_accumulation=1",
                "train.cache_dir=" + folder.resolve("cache"),
                "run.dir=" + folder.resolve("runs")));
        words.addAll(Arrays.asList(keys));
        return runs.run(words);
    }

    private Composition settings(String name) {
        return new Composer(new ConfigFolder(ROOT)).rerun(folder.resolve("runs").resolve(name), List.of());
    }

    /** Row 7, and that a resumed run draws the same. */
    @Test
    void samplesAreOfTheUsersOwnCaptionsAndStayTheSame() throws IOException {
        assertThat(train("train.sample_every=0", "validation.fraction=0.34", "train.save_every=2"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said())
                .contains("sample prompts from the captions", "trained on: ", "held out: ")
                .doesNotContain("scissors", "flamingo");
        String prompts = settings("harbour").text("sample.prompts");
        assertThat(prompts.substring(1, prompts.length() - 1).split(", "))
                .hasSize(4)
                .isSubsetOf("pier", "crane", "ferry", "gulls \\(many\\)", "fog", "rope");
        Path run = folder.resolve("runs/harbour");
        byte[] samples = Files.readAllBytes(run.resolve("samples/before-after.png"));
        for (String gone : List.of("adapter.safetensors", "samples/before-after.png")) {
            Files.delete(run.resolve(gone));
        }
        assertThat(runs.run(List.of("train", "resume=" + run))).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(settings("harbour").text("sample.prompts")).isEqualTo(prompts);
        assertThat(run.resolve("samples/before-after.png")).hasBinaryContent(samples);
    }

    @Test
    void promptsThatAreGivenAreDrawn() {
        assertThat(train("train.sample_every=0", "sample.prompts=[a dog]")).isEqualTo(ExitStatus.DONE);
        assertThat(settings("harbour").text("sample.prompts")).isEqualTo("[a dog]");
        assertThat(runs.said()).doesNotContain("sample prompts from the captions");
    }

    /** Row 8. */
    @Test
    void samplesThatCostMoreThanATenthAreDrawnWhereTheyAreAskedForOnly() throws IOException {
        assertThat(train()).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("no samples: drawing 4 prompts", "train.sample_every=0 draws them");
        assertThat(folder.resolve("runs/harbour/samples/before-after.png")).doesNotExist();
        assertThat(train("train.sample_every=2")).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("samples: 4 prompts every 2 steps and at the end");
        try (Stream<Path> samples = Files.list(folder.resolve("runs/harbour-2/samples"))) {
            assertThat(samples.map(each -> each.getFileName().toString()))
                    .containsExactlyInAnyOrder("step-000002.png", "step-000004.png", "before-after.png");
        }
    }

    /** Row 8: the adapter is taken off for the base's images, and trained on as if nothing had been drawn. */
    @ParameterizedTest
    @ValueSource(strings = {"lora", "dora", "pissa", "loha", "full"})
    void drawingTheBaseInBetweenChangesNothing(String method) throws IOException {
        for (String samples : List.of("sample.prompts=[]", "sample.prompts=[fox]")) {
            assertThat(train(
                            "adapter=" + method,
                            "model.dtype=fp32",
                            "train.sample_every=2",
                            "export.thumbnail=0",
                            "run.name=one",
                            "run.dir=" + folder.resolve(samples.contains("fox") ? "drawn" : "plain"),
                            samples))
                    .as(runs.said())
                    .isEqualTo(ExitStatus.DONE);
        }
        assertThat(folder.resolve("drawn/one/samples/before-after.png")).exists();
        assertThat(folder.resolve("drawn/one/adapter.safetensors"))
                .hasBinaryContent(Files.readAllBytes(folder.resolve("plain/one/adapter.safetensors")));
    }

    /** Full fine-tuning changes the base itself. */
    @Test
    void fullFineTuningSaysThatItHasNoImagesOfTheBase() {
        assertThat(train("train.full_finetune=true", "train.sample_every=0", "sample.prompts=[fox]"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("model.dtype=fp32 (train.full_finetune", "no image of the base model");
        assertThat(folder.resolve("runs/harbour/samples/step-000004.png")).exists();
        assertThat(folder.resolve("runs/harbour/samples/before-after.png")).doesNotExist();
    }

    /** Row 9. */
    @Test
    void runsAreNamedAfterTheirDataAndASecondOneGetsANumber() {
        assertThat(train("sample.prompts=[]")).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("run.name=harbour (after data.pairs)");
        assertThat(train("sample.prompts=[]")).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("run.name=harbour-2").doesNotContain("an earlier run");
        assertThat(settings("harbour-2").text("run.name")).isEqualTo("harbour-2");
        assertThat(train("sample.prompts=[]", "run.name=harbour")).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("an earlier run of this name is now").contains("harbour.1");
    }

    /** Row 10: what is chosen is told, saved, and resumed from bit for bit. */
    @Test
    void whatIsChosenIsToldAndSavedAndResumedFrom() throws IOException {
        assertThat(train("sample.prompts=[]", "train.save_every=2"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        String dtype = Processor.here().multipliesBf16() ? "bf16" : "fp32";
        assertThat(runs.said())
                .contains("model.dtype=" + dtype, "data.resolution=", "the model's own", "optimizer.lr=0.001");
        Composition saved = settings("harbour");
        assertThat(saved.text("model.dtype")).isEqualTo(dtype);
        assertThat(saved.text("model.prepack")).isEqualTo(dtype.equals("bf16") ? "all" : "none");
        assertThat(saved.text("train.gradient_checkpointing")).isEqualTo("false");
        assertThat(saved.text("export.merged_dtype")).isEqualTo("fp32");
        Path run = folder.resolve("runs/harbour");
        assertThat(Files.readString(run.resolve("resolved.conf"))).doesNotContain("dtype=auto", "prepack=auto");
        byte[] whole = Files.readAllBytes(run.resolve("adapter.safetensors"));
        try (Stream<Path> state = Files.walk(run.resolve("state/step-000004"))) {
            for (Path each : state.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
        assertThat(runs.run(List.of("train", "resume=" + run))).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("going on after step 2 of 4").doesNotContain("chosen: ");
        assertThat(run.resolve("adapter.safetensors")).hasBinaryContent(whole);
    }

    /** Row 11. */
    @Test
    void whatARunCostsIsToldBeforeIt() {
        assertThat(train("sample.prompts=[]")).isEqualTo(ExitStatus.DONE);
        assertThat(runs.said())
                .contains("6 pictures, 4 steps of 1: 0.7 epochs")
                .containsPattern(
                        "memory: about \\d+(\\.\\d)? [GM]iB, \\d+\\.\\d GiB free; disk: about \\d+(\\.\\d)? [GM]iB, \\d")
                .containsPattern("about \\d+ s left: done at ");
    }

    @Test
    void photographsWithoutCaptionsAreToldWhatTheyNeed() throws IOException {
        Files.delete(data.resolve("captions.csv"));
        Files.delete(data.resolve("pairs.csv"));
        Files.deleteIfExists(data.resolve("optout.jsonl"));
        assertThat(train("data.pairs=" + data, "licence.mode=open")).isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said()).contains("none of 6 pictures has a caption", "such as captions0.txt");
        // Whatever else lies among them.
        Files.writeString(data.resolve("IMG_1.HEIC"), "x");
        assertThat(train("data.pairs=" + data, "licence.mode=open")).isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said())
                .contains("none of 6 pictures has a caption", "data.caption=\"a photo of a garden\"", "is now")
                .doesNotContain("run.name=" + data.getFileName() + "-2");
        assertThat(train("data.pairs=" + data, "licence.mode=open", "data.caption=a garden", "train.sample_every=0"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said())
                .contains(
                        "6 images without a caption have that of data.caption",
                        "IMG_1.HEIC: is of a format that is not read",
                        "7 pictures: 6 included, 0 excluded, 1 failed",
                        "trained on: a garden");
        Path run = folder.resolve("runs").resolve(data.getFileName());
        assertThat(Files.readString(run.resolveSibling(data.getFileName() + ".1/ledger.csv")))
                .contains("has no caption");
    }

    /** Row 12: every difference as key, then and now, and no record's text. */
    @Test
    void whatDiffersIsToldAsKeyThenAndNow() {
        assertThat(train("sample.prompts=[]", "train.save_every=2")).isEqualTo(ExitStatus.DONE);
        Path run = folder.resolve("runs/harbour");
        assertThat(runs.run(List.of(
                        "train",
                        "resume=" + run,
                        "optimizer.lr=2e-3",
                        "adapter.targets=[attention]",
                        "data.flip=0.5",
                        "objective.loss=huber")))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said())
                .contains(
                        "optimizer.lr: saved 0.001, now 0.002",
                        "adapter.targets: saved [attention, feed_forward, projections], now [attention]",
                        "data.flip: saved 0, now 0.5",
                        "objective.loss: saved mse, now huber")
                .doesNotContainPattern("\\w+Settings\\[");
    }

    @Test
    void theDemonstrationsValuesStayWithTheDemonstration() {
        Composer composer = new Composer(new ConfigFolder(ROOT));
        Composition demo = composer.compose("train", List.of());
        assertThat(demo.text("run.name")).isEqualTo("demo");
        assertThat(demo.text("train.batch_size")).isEqualTo("8");
        assertThat(demo.text("sample.prompts")).contains("scissors");
        assertThat(demo.text("model.dtype")).isEqualTo("fp32");
        for (String key : List.of("data.pairs=mine.csv", "model.path=sd15.safetensors")) {
            Composition own = composer.compose("train", List.of(key));
            assertThat(own.isAuto("run.name")).isTrue();
            assertThat(own.isNull("sample.prompts")).isTrue();
            assertThat(own.isNull("train.sample_every")).isTrue();
            assertThat(own.text("train.steps")).isEqualTo("1500");
        }
        Composition model = composer.compose("train", List.of("model.path=sd15.safetensors"));
        assertThat(model.isAuto("model.dtype")).isTrue();
        assertThat(model.isAuto("model.prepack")).isTrue();
        Composition own = composer.compose("train", List.of("data.pairs=mine.csv"));
        assertThat(own.isAuto("data.resolution")).isTrue();
        assertThat(own.text("optout.manifests")).isEqualTo("[]");
    }

    @Test
    void anotherCharsetThatReadsTheSameCaptionsIsTheSameRun() {
        assertThat(train("sample.prompts=[]", "train.save_every=2")).isEqualTo(ExitStatus.DONE);
        Path run = folder.resolve("runs/harbour");
        assertThat(runs.run(List.of("train", "resume=" + run, "data.encoding=windows-1252")))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.run(List.of("train", "resume=" + run, "data.caption_prefix=x")))
                .isEqualTo(ExitStatus.WRONG);
    }

    @Test
    void samplesTakeNoTagsOfOtherAdapters() {
        assertThat(train("sample.prompts=[\"a dog <lora:x:1>\"]")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("sample.prompts: 'a dog <lora:x:1>' has <lora:x:1>");
        assertThat(folder.resolve("runs")).doesNotExist();
    }
}
