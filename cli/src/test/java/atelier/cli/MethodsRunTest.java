package atelier.cli;

import static atelier.cli.TinyRuns.weight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each method with norms, biases, text encoders and pictures of the class: runs, their files, and runs that go on from these. */
class MethodsRunTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "glora, sd1, fp32",
        "ia3, sd1, fp32",
        "oft, sd1, fp32",
        "boft, sd1, fp32",
        "lora, sdxl, fp32",
        "lokr, sd1, fp32",
        "oft, sdxl, bf16",
        "ia3, sd1, bf16"
    })
    void everyMethodTrainsWithNormsBiasesAndPicturesOfTheClass(String method, String model, String dtype)
            throws IOException {
        TinyRuns runs = new TinyRuns(folder, model, 16, 16);
        runs.pictures("class", 2);
        String[] keys = {
            "adapter=" + method,
            "model.dtype=" + dtype,
            "adapter.rank=8",
            "adapter.targets=[attention,feed_forward,projections,resnets,norms,biases]",
            "adapter.text_encoders=true",
            "adapter.module_dropout=0.1",
            "data.prior_pairs=" + folder.resolve("class.csv"),
            "data.trigger_word=zwx"
        };
        runs.train("first", keys);
        Path resumed = runs.resumed("first");
        assertThat(Files.readAllBytes(resumed.resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("first")));
        AdapterState state = runs.state("first");
        assertThat(state.unread()).isEmpty();
        assertThat(state.of(Component.UNET)).containsKeys("conv_norm_out", "mid_block.resnets.0.norm1");
        assertThat(state.of(Component.TEXT_ENCODER)).containsKey("text_model.final_layer_norm");
        assertThat(state.of(Component.UNET).get("mid_block.resnets.0.conv1").changesBias())
                .isTrue();
        same(runs.merged("first"), runs.base(), state);
        runs.train(
                "second",
                "adapter.init_from=" + runs.adapter("first"),
                "optimizer.lr=1e-30",
                "optimizer.weight_decay=0");
        assertThat(runs.state("second").modules().keySet())
                .isEqualTo(state.modules().keySet());
        if (dtype.equals("fp32")) {
            same(runs.merged("second"), runs.base(), state);
        }
        assertThat(runs.run(List.of("inspect", runs.adapter("first").toString())))
                .isEqualTo(ExitStatus.DONE);
    }

    private static void same(Checkpoint merged, Checkpoint base, AdapterState state) throws IOException {
        for (Component network : state.components()) {
            Map<String, TensorSource> expected = AdapterArithmetic.merged(
                    base.component(network),
                    network,
                    List.of(new AdapterArithmetic.Weighted(state, AdapterArithmetic.Strength.all(1))));
            for (Map.Entry<String, TensorSource> tensor : expected.entrySet()) {
                assertThat(weight(merged, network, tensor.getKey()))
                        .as(tensor.getKey())
                        .containsExactly(tensor.getValue().view().toFloats(), within(2e-5f));
            }
        }
    }

    @Test
    void normsAndBiasesTrainAlone() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train("norms", "adapter.targets=[norms]");
        assertThat(runs.modules("norms").keySet()).allMatch(path -> path.contains("norm"));
        runs.train("biases", "adapter.targets=[biases]");
        assertThat(runs.modules("biases")).containsKeys("conv_in", "time_embedding.linear_1");
        assertThat(runs.modules("biases").values()).allMatch(module -> !module.changesWeight());
        same(runs.merged("biases"), runs.base(), runs.state("biases"));
    }

    @Test
    void peftsFormsOfNormsBiasesAndIa3ComeBack() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train(
                "lora",
                "adapter.targets=[attention,norms,biases]",
                "adapter.text_encoders=true",
                "export.formats=[peft]");
        AdapterState peft = AdapterFile.read(runs.run("lora").resolve("export/peft/unet"), null);
        AdapterState text = AdapterFile.read(runs.run("lora").resolve("export/peft/text_encoder"), null);
        assertThat(peft.unread()).isEmpty();
        same(runs.merged("lora"), runs.base(), peft);
        same(runs.merged("lora"), runs.base(), text);
        runs.train("ia3", "adapter=ia3", "export.formats=[peft]");
        AdapterState ia3 = AdapterFile.read(runs.run("ia3").resolve("export/peft"), null);
        same(runs.merged("ia3"), runs.base(), ia3);
        assertThat(runs.tryToTrain("oft", "adapter=oft", "export.formats=[peft]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("export.formats: peft has no form for adapter.method = oft");
        assertThat(runs.tryToTrain("norms", "adapter.targets=[norms]", "export.formats=[diffusers]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("export.formats: diffusers has no form for norms and biases");
    }
}
