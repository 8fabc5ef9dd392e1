package atelier.diffusion.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final Path MODELS = Path.of("src/test/resources/golden/models");

    @TempDir
    Path folder;

    private static DType stored(Checkpoint checkpoint) {
        return checkpoint
                .component(Component.UNET)
                .sources()
                .values()
                .iterator()
                .next()
                .dtype();
    }

    private static void assertSame(Checkpoint actual, Checkpoint expected) {
        assertThat(actual.family()).isEqualTo(expected.family());
        assertThat(actual.components()).isEqualTo(expected.components());
        assertThat(actual.schedulerConfig()).isEqualTo(expected.schedulerConfig());
        for (Component component : expected.components()) {
            StateDict a = actual.component(component);
            StateDict e = expected.component(component);
            assertThat(a.names()).containsExactlyInAnyOrderElementsOf(e.names());
            for (String name : e.names()) {
                TensorView tensor = a.tensor(name);
                assertThat(tensor.dtype()).as(name).isEqualTo(e.tensor(name).dtype());
                assertThat(tensor.shape()).as(name).isEqualTo(e.tensor(name).shape());
                assertThat(tensor.data()).as(name).isEqualTo(e.tensor(name).data());
            }
            a.requireEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "odd", "sdxl"})
    void aModelComesBackFromASingleFileBitForBit(String name) throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve(name));
        Path file = folder.resolve("model.safetensors");
        SingleFileWriter.write(model, file, stored(model), Map.of("modelspec.title", "x"));
        Checkpoint back = Checkpoint.open(file);
        assertSame(back, model);
        assertThat(back.metadata()).containsEntry("modelspec.title", "x");
        assertThat(back.tokenizer(Component.TEXT_ENCODER)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "odd", "sdxl"})
    void aModelComesBackFromAFolderOfShardsBitForBit(String name) throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve(name));
        Path out = folder.resolve("copy");
        FolderWriter.write(model, out, stored(model), 20_000, FolderWriter.copied(model));
        assertThat(out.resolve("unet/diffusion_pytorch_model.safetensors.index.json"))
                .exists();
        assertThat(out.resolve("unet/diffusion_pytorch_model.safetensors")).doesNotExist();
        assertSame(Checkpoint.open(out), model);
        FolderWriter.write(model, out, stored(model), FolderWriter.SHARD_BYTES, FolderWriter.copied(model));
        assertThat(out.resolve("unet/diffusion_pytorch_model.safetensors")).exists();
        assertSame(Checkpoint.open(out), model);
        assertThat(Files.list(folder)).containsExactly(out);
    }

    @Test
    void familiesAreToldApart() throws IOException {
        assertThat(Checkpoint.open(MODELS.resolve("sd1")).family()).isEqualTo(ModelFamily.SD1);
        assertThat(Checkpoint.open(MODELS.resolve("sd2")).family()).isEqualTo(ModelFamily.SD2);
        assertThat(Checkpoint.open(MODELS.resolve("sd2")).predictsV()).isTrue();
        assertThat(Checkpoint.open(MODELS.resolve("sdxl")).family()).isEqualTo(ModelFamily.SDXL);
    }

    /** The published files' irregularities, put upon a written file: no configuration, other prefixes, company. */
    @Test
    void irregularSingleFilesAreReadAlike() throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve("sd1"));
        Map<String, TensorSource> tensors = new TreeMap<>();
        SingleFileWriter.layout(model)
                .forEach((name, tensor) ->
                        tensors.put("state_dict." + name.replace("transformer.text_model.", "transformer."), tensor));
        tensors.put(
                "state_dict.cond_stage_model.transformer.embeddings.position_ids",
                TensorView.ofFloats(new float[77], 1, 77));
        tensors.put("state_dict.model_ema.diffusion_modelinput_blocks00weight", TensorView.ofFloats(new float[1], 1));
        tensors.put("state_dict.alphas_cumprod", TensorView.ofFloats(new float[1], 1));
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of(SingleFile.CONFIG_KEY, configs(model)));
        assertSame(Checkpoint.open(file), model);
    }

    private String configs(Checkpoint model) throws IOException {
        Path file = folder.resolve("plain.safetensors");
        SingleFileWriter.write(model, file, stored(model), Map.of());
        return String.valueOf(SafetensorsFile.open(file).metadata().get(SingleFile.CONFIG_KEY));
    }

    @Test
    void weightsStoredAsFp8AreWidened() throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve("sd1"));
        Map<String, TensorSource> weights =
                new LinkedHashMap<>(model.component(Component.UNET).sources());
        weights.put("conv_out.bias", new TensorView(DType.F8_E4M3, new long[] {2}, java.nio.ByteBuffer.wrap(new byte[] {
            0x38, (byte) 0xbc
        })));
        StateDict dict = model.with(Component.UNET, weights).component(Component.UNET);
        assertThat(dict.tensor("conv_out.bias").dtype()).isEqualTo(DType.F16);
        assertThat(dict.tensor("conv_out.bias").toFloats()).containsExactly(1f, -1.5f);
    }

    @Test
    void allProblemsAreListedAtOnce() {
        StateDict dict = new StateDict(
                "x/unet",
                Map.of("a", TensorView.ofFloats(new float[6], 2, 3), "stray", TensorView.ofFloats(new float[1], 1)),
                ModelFolder.JSON.createObjectNode());
        assertThat(dict.take("a", 3, 2).toFloats()).containsOnly(0f);
        assertThat(dict.take("b", 4).elements()).isEqualTo(4);
        assertThat(dict.problems())
                .containsExactly(
                        "'a' should be [3, 2] and is [2, 3]", "'b' [4] is missing", "'stray' [1] is unexpected");
        assertThatThrownBy(dict::requireEmpty)
                .isInstanceOf(WeightsException.class)
                .hasMessageStartingWith("x/unet does not fit its configuration (3 problems)")
                .hasMessageContaining("'stray' [1] is unexpected");
        assertThatThrownBy(() -> dict.tensor("c.weight")).hasMessageContaining("has no tensor 'c.weight'");
    }

    @Test
    void wrongPathsAreRefusedWithTheRemedy() throws IOException {
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none"))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .hasMessageContaining("lacks unet/, vae/, text_encoder/ (it is empty)");
        Path pickle = Files.writeString(folder.resolve("model.ckpt"), "x");
        assertThatThrownBy(() -> Checkpoint.open(pickle))
                .hasMessageContaining("is a Python pickle")
                .hasMessageContaining("save_file");
        Path adapter = folder.resolve("adapter.safetensors");
        SafetensorsWriter.write(adapter, Map.of("lora_unet_x.alpha", TensorView.ofFloats(new float[1])), Map.of());
        assertThatThrownBy(() -> Checkpoint.open(adapter)).hasMessageContaining("is an adapter, not a model");
        Path model = folder.resolve("m");
        Checkpoint source = Checkpoint.open(MODELS.resolve("sd1"));
        FolderWriter.write(source, model, DType.F32, FolderWriter.SHARD_BYTES, FolderWriter.copied(source));
        Files.delete(model.resolve("unet/diffusion_pytorch_model.safetensors"));
        assertThatThrownBy(() -> Checkpoint.open(model))
                .hasMessageContaining("unet lacks diffusion_pytorch_model.safetensors (it has config.json)");
    }

    @Test
    void configurationsOfSingleFilesAreReadOffTheShapes() throws IOException {
        for (String name : List.of("sd1", "sd2", "sdxl")) {
            Checkpoint model = Checkpoint.open(MODELS.resolve(name));
            Path file = folder.resolve(name + ".safetensors");
            SafetensorsWriter.write(file, SingleFileWriter.layout(model), Map.of());
            Checkpoint back = Checkpoint.open(file);
            assertThat(back.family()).isEqualTo(model.family());
            for (Component component : model.components()) {
                StateDict actual = back.component(component);
                StateDict expected = model.component(component);
                assertThat(actual.names()).as("%s %s", name, component).isEqualTo(Set.copyOf(expected.names()));
                for (String key : List.of(
                        "block_out_channels",
                        "down_block_types",
                        "up_block_types",
                        "in_channels",
                        "out_channels",
                        "layers_per_block",
                        "cross_attention_dim",
                        "latent_channels",
                        "hidden_size",
                        "num_hidden_layers",
                        "vocab_size",
                        "intermediate_size",
                        "hidden_act")) {
                    assertThat(actual.config().path(key).toString())
                            .as("%s %s %s", name, component, key)
                            .isEqualTo(expected.config().path(key).toString());
                }
            }
        }
    }
}
