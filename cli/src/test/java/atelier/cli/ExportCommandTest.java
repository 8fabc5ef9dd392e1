package atelier.cli;

import static atelier.cli.ExportRuns.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The export command as a user calls it, on a short run with a tiny random model. */
class ExportCommandTest {
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static ExportRuns runs;

    @BeforeAll
    static void trainShortly() throws IOException {
        runs = new ExportRuns(shared);
    }

    private void export(String... words) {
        runs.export(folder, words);
    }

    private static AdapterState adapter(Path file) throws IOException {
        return AdapterFile.read(
                file,
                Checkpoint.open(ExportRuns.MODEL).component(Component.UNET).config());
    }

    private static void assertSameWeights(Path actual, Path expected, double tolerance) throws IOException {
        Checkpoint a = Checkpoint.open(actual);
        Checkpoint e = Checkpoint.open(expected);
        assertThat(a.components()).isEqualTo(e.components());
        for (Component component : e.components()) {
            StateDict dict = e.component(component);
            for (String name : dict.names()) {
                float[] wanted = dict.tensor(name).toFloats();
                float[] got = a.component(component).tensor(name).toFloats();
                for (int i = 0; i < wanted.length; i++) {
                    if (!(Math.abs(got[i] - wanted[i]) <= tolerance)) {
                        throw new AssertionError(
                                component + " " + name + "[" + i + "] is " + got[i] + ", not " + wanted[i]);
                    }
                }
            }
        }
    }

    @Test
    void severalFormatsAtOnceHoldTheSameResult() throws IOException {
        export("format=[kohya,peft,diffusers,merged,single_file]", "dtype=fp32");
        AdapterState trained = adapter(runs.fox().resolve("adapter.safetensors"));
        for (String place : List.of("adapter-kohya.safetensors", "peft", "adapter-diffusers.safetensors")) {
            assertThat(adapter(folder.resolve(place)).modules().keySet())
                    .as(place)
                    .isEqualTo(trained.modules().keySet());
        }
        assertSameWeights(folder.resolve("merged"), folder.resolve("model.safetensors"), 0);
        assertSameWeights(folder.resolve("merged"), runs.fox().resolve("merged"), 1e-6);
        // An adapter in another form, merged again, gives the same weights.
        Path again = folder.resolve("again");
        assertThat(runs.run(
                        "export",
                        "run=" + runs.fox(),
                        "out=" + again,
                        "adapters=[" + folder.resolve("adapter-diffusers.safetensors") + "]",
                        "format=merged",
                        "dtype=fp32"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertSameWeights(again.resolve("merged"), folder.resolve("merged"), 1e-6);
    }

    @Test
    void aRunWritesWhatItsConfigurationAsksForAtItsEnd() throws IOException {
        Path export = runs.fox().resolve("export");
        export("format=[peft,diffusers]", "dtype=fp32");
        assertThat(new ObjectMapper()
                        .readTree(export.resolve("peft/adapter_config.json").toFile()))
                .hasToString(new ObjectMapper()
                        .readTree(folder.resolve("peft/adapter_config.json").toFile())
                        .toString());
        for (String file : List.of("peft/adapter_model.safetensors", "adapter-diffusers.safetensors")) {
            Map<String, TensorView> atTheEnd =
                    SafetensorsFile.open(export.resolve(file)).tensors();
            Map<String, TensorView> later =
                    SafetensorsFile.open(folder.resolve(file)).tensors();
            assertThat(atTheEnd.keySet()).isNotEmpty().isEqualTo(later.keySet());
            atTheEnd.forEach((name, tensor) -> assertThat(tensor.toFloats())
                    .as(name)
                    .isEqualTo(later.get(name).toFloats()));
        }
        assertSameWeights(export.resolve("model.safetensors"), runs.fox().resolve("merged"), 0);
        assertThat(runs.fox().resolve("merged/unet/diffusion_pytorch_model.safetensors.index.json"))
                .exists();
    }

    @Test
    void elementTypeAndShardsAreAsAsked() throws IOException {
        export("format=[kohya,merged,single_file]", "dtype=bf16", "max_shard_size=20KB");
        for (TensorView tensor : SafetensorsFile.open(folder.resolve("adapter-kohya.safetensors"))
                .tensors()
                .values()) {
            assertThat(tensor.dtype().name()).isEqualTo("BF16");
        }
        assertThat(folder.resolve("merged/unet/diffusion_pytorch_model.safetensors.index.json"))
                .exists();
        assertSameWeights(folder.resolve("merged"), folder.resolve("model.safetensors"), 0);
        export("format=merged", "dtype=fp16");
        assertThat(folder.resolve("merged/unet/diffusion_pytorch_model.safetensors"))
                .exists();
    }

    @Test
    void adaptersAreAddedWithWeightsByBlock() throws IOException {
        String twice = runs.fox().resolve("adapter.safetensors") + ":0.5, "
                + runs.fox().resolve("export/adapter-diffusers.safetensors") + ":0.25";
        export(
                "adapters=[" + twice + "]",
                "blocks=[mid_block:0, up_blocks.1:2]",
                "format=[kohya,merged]",
                "dtype=fp32");
        AdapterState sum = adapter(folder.resolve("adapter-kohya.safetensors"));
        assertThat(sum.ranks()).containsExactly(4);
        assertThat(sum.modules().keySet()).noneMatch(key -> key.path().startsWith("mid_block"));
        Path again = folder.resolve("again");
        export(
                "adapters=[" + folder.resolve("adapter-kohya.safetensors") + "]",
                "format=merged",
                "dtype=fp32",
                "out=" + again);
        assertSameWeights(again.resolve("merged"), folder.resolve("merged"), 1e-6);
        // 0.75 of the run's adapter, and twice that in one block.
        Path other = folder.resolve("other");
        export("strength=0.75", "blocks=[mid_block:0, up_blocks.1:2]", "format=merged", "dtype=fp32", "out=" + other);
        assertSameWeights(other.resolve("merged"), folder.resolve("merged"), 1e-6);
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors")))
                .containsEntry("ss_network_dim", "4")
                .containsEntry("modelspec.title", "fox + fox")
                .hasEntrySatisfying(
                        "atelier.merged_from",
                        text -> assertThat(text)
                                .contains("\"weight\":\"0.25\"")
                                .contains("\"modelspec.license\":\"CC-BY-4.0\""));
    }

    @Test
    void anAdapterIsResizedByRankAndByEnergy() throws IOException {
        export("rank=1", "dtype=fp32");
        Path file = folder.resolve("adapter-kohya.safetensors");
        assertThat(adapter(file).ranks()).containsExactly(1);
        assertThat(metadata(file))
                .containsEntry("ss_network_dim", "1")
                .containsEntry("ss_output_name", "fox")
                .containsEntry("modelspec.author", "Ana Example");
        export("rank=2", "energy=0.999999", "dtype=fp32");
        assertThat(adapter(file).ranks()).isSubsetOf(1, 2).contains(2);
    }

    @Test
    void anAdapterIsExtractedFromTheDifferenceOfTwoModels() throws IOException {
        export("tuned=" + runs.fox().resolve("merged"), "rank=2", "format=[kohya,merged]", "dtype=fp32");
        assertThat(runs.said()).contains("the adapter holds 100.00 % of the difference's energy");
        assertSameWeights(folder.resolve("merged"), runs.fox().resolve("merged"), 1e-4);
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors")))
                .containsEntry("modelspec.title", "merged without sd1")
                .containsEntry("ss_network_dim", "2");
    }

    @Test
    void aModelThatWasTaughtAnotherPredictionSaysSoInEveryForm() throws IOException {
        runs.train("run.name=taught", "objective.prediction_type=v_prediction", "sample.prompts=[]", "train.steps=1");
        Path run = runs.at("taught");
        export("run=" + run, "format=[kohya,merged,single_file]", "dtype=fp32");
        assertThat(Checkpoint.open(folder.resolve("merged")).predictsV()).isTrue();
        assertThat(Checkpoint.open(folder.resolve("model.safetensors")).predictsV())
                .isTrue();
        for (String file : List.of("adapter-kohya.safetensors", "model.safetensors")) {
            assertThat(metadata(folder.resolve(file))).containsEntry("modelspec.prediction_type", "v");
        }
        assertThat(metadata(folder.resolve("adapter-kohya.safetensors"))).doesNotContainKey("modelspec.thumbnail");
        assertSameWeights(folder.resolve("merged"), run.resolve("merged"), 1e-6);
    }

    @Test
    void aModelIsConvertedWithoutAnAdapter() throws IOException {
        export("run=null", "model.path=" + ExportRuns.MODEL, "format=single_file", "dtype=fp32");
        assertSameWeights(folder.resolve("model.safetensors"), ExportRuns.MODEL, 0);
    }

    @Test
    void wrongSettingsAreRefusedWithTheRemedy() {
        assertThat(runs.run("export", "run=" + folder, "format=kohya")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("is no run's folder").contains("give model.path");
        assertThat(runs.run(
                        "export",
                        "run=" + runs.fox(),
                        "adapters=[" + folder.resolve("none.safetensors") + "]",
                        "out=" + folder))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("none.safetensors does not exist");
        assertThat(runs.run("export", "run=" + runs.fox(), "tuned=" + ExportRuns.MODEL, "out=" + folder))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("rank must be given with tuned");
        assertThat(runs.run("export", "run=" + runs.fox(), "blocks=[nowhere:1]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("no layer of the adapter lies in nowhere; it has unet.down_blocks.0");
        assertThat(runs.run("export", "run=null", "model.path=" + ExportRuns.MODEL, "out=" + folder))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("format names kohya, and there is no adapter to write");
    }

    @Test
    void anotherAutoencoderGoesIntoTheMergedModel() throws IOException {
        Path other =
                Path.of("..", "checkpoints", "base", "vae").toAbsolutePath().normalize();
        export("run=null", "model.path=" + ExportRuns.MODEL, "model.vae=" + other, "format=merged", "dtype=fp16");
        String name = "diffusion_pytorch_model.safetensors";
        Map<String, TensorView> written =
                SafetensorsFile.open(folder.resolve("merged/vae").resolve(name)).tensors();
        Map<String, TensorView> asked =
                SafetensorsFile.open(other.resolve(name)).tensors();
        assertThat(written.keySet()).isEqualTo(asked.keySet());
        assertThat(written.get("decoder.conv_in.weight").toFloats())
                .isEqualTo(asked.get("decoder.conv_in.weight").toFloats());
        assertThat(runs.run("export", "run=" + runs.fox(), "model.vae=none.safetensors"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("model.vae: 'none.safetensors' does not exist");
    }
}
