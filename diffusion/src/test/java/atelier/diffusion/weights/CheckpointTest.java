package atelier.diffusion.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
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
        assertThat(folder.toFile().list()).containsExactly(out.getFileName().toString());
    }

    /** Field case 27: a weight of each network, read into it or copied into another file. */
    @ParameterizedTest
    @ValueSource(
            strings = {"unet/conv_out.bias", "vae/decoder.conv_in.bias", "text_encoder/text_model.final_layer_norm.bias"
            })
    void aWeightThatIsNotFiniteIsRefusedByPlaceAndName(String which) throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve("sd1"));
        Component component = Arrays.stream(Component.values())
                .filter(each -> which.startsWith(each.folder() + "/"))
                .findFirst()
                .orElseThrow();
        String name = which.substring(which.indexOf('/') + 1);
        float[] values = model.component(component).tensor(name).toFloats();
        values[values.length - 1] = values.length % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY;
        Checkpoint spoilt = model.withWeights(component, Map.of(name, TensorView.ofFloats(values, values.length)));
        String message = component.folder() + ": the tensor '" + name + "' holds ";
        assertThatThrownBy(() -> spoilt.component(component).tensor(name))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> spoilt.component(component).take(name, values.length))
                .hasMessageContaining(message);
        assertThatThrownBy(() -> SingleFileWriter.write(spoilt, folder.resolve("m.safetensors"), DType.F16, Map.of()))
                .hasMessageContaining(message);
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
        TensorView narrow =
                new TensorView(DType.F8_E4M3, new long[] {2}, java.nio.ByteBuffer.wrap(new byte[] {0x38, (byte) 0xbc}));
        StateDict dict = model.withWeights(Component.UNET, Map.of("conv_out.bias", narrow))
                .component(Component.UNET);
        assertThat(dict.tensor("conv_out.bias").dtype()).isEqualTo(DType.F16);
        assertThat(dict.tensor("conv_out.bias").toFloats()).containsExactly(1f, -1.5f);
    }

    /** A file as front ends store it to save memory: matrices in e4m3, the rest as it was. */
    @Test
    void aSingleFileInFp8IsReadConvertedAndExact() throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve("sd1"));
        Map<String, TensorSource> tensors = new TreeMap<>();
        SingleFileWriter.layout(model).forEach((name, tensor) -> {
            boolean narrow = name.startsWith(SingleFile.UNET) && tensor.shape().length > 1;
            tensors.put(name, narrow ? e4m3(name, tensor.shape()) : tensor);
        });
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of(SingleFile.CONFIG_KEY, configs(model)));
        Checkpoint read = Checkpoint.open(file);
        float[] expected = e4m3(SingleFile.UNET + "input_blocks.0.0.weight", new long[] {8, 4, 3, 3})
                .toFloats();
        TensorView stem = read.component(Component.UNET).tensor("conv_in.weight");
        assertThat(stem.dtype()).isEqualTo(DType.F16);
        assertThat(Arrays.copyOf(stem.toFloats(), 288)).containsExactly(Arrays.copyOf(expected, 288));
        Path copy = folder.resolve("copy");
        FolderWriter.write(read, copy, DType.F32, FolderWriter.SHARD_BYTES, FolderWriter.copied(model));
        Checkpoint back = Checkpoint.open(copy);
        for (String name : read.component(Component.UNET).names()) {
            assertThat(back.component(Component.UNET).tensor(name).toFloats())
                    .as(name)
                    .containsExactly(read.component(Component.UNET).tensor(name).toFloats());
        }
    }

    /** Every finite e4m3 number in turn, from a place that follows from the name. */
    private static TensorView e4m3(String name, long[] shape) {
        byte[] bytes = new byte[Math.toIntExact(DType.byteSize(DType.U8, shape))];
        for (int i = 0; i < bytes.length; i++) {
            int code = Math.floorMod(i + name.hashCode(), 254);
            bytes[i] = (byte) (code < 127 ? code : code + 1);
        }
        return new TensorView(DType.F8_E4M3, shape, ByteBuffer.wrap(bytes));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theFp16VariantIsReadWhereItIsAllThereIsWholeOrSharded(boolean sharded) throws IOException {
        Checkpoint model = Checkpoint.open(MODELS.resolve("sd2"));
        Path copy = folder.resolve("copy");
        FolderWriter.write(
                model, copy, DType.F16, sharded ? 20_000 : FolderWriter.SHARD_BYTES, FolderWriter.copied(model));
        Path unet = copy.resolve("unet");
        try (Stream<Path> files = Files.list(unet)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                String variant = name.replace(".safetensors.index.json", ".safetensors.index.fp16.json")
                        .replaceAll("model(-\\d+-of-\\d+)?\\.safetensors$", "model.fp16$1.safetensors");
                if (name.endsWith(".index.json")) {
                    String text = Files.readString(file).replaceAll("model(-\\d+-of-\\d+)\\.safe", "model.fp16$1.safe");
                    Files.writeString(file, text);
                }
                Files.move(file, unet.resolve(variant));
            }
        }
        StateDict read = Checkpoint.open(copy).component(Component.UNET);
        StateDict expected = model.component(Component.UNET);
        assertThat(read.names()).isEqualTo(expected.names());
        for (String name : expected.names()) {
            TensorView tensor = read.tensor(name);
            assertThat(tensor.dtype()).isEqualTo(DType.F16);
            assertThat(tensor.data())
                    .isEqualTo(Floats.convert(expected.tensor(name), DType.F16).data());
        }
    }

    /** The refiner: the second encoder alone, four levels of which two attend, an aesthetic score among its sizes. */
    @Test
    void theRefinersUnetIsReadOffItsShapes() throws IOException {
        Map<String, TensorView> tensors = new TreeMap<>();
        Map<String, long[]> shapes = refiner();
        shapes.forEach((name, shape) -> tensors.put(name, e4m3(name, shape)));
        ObjectNode config = new InferredConfig("refiner", tensors).unet();
        assertThat(ModelFamily.of(config, false)).isEqualTo(ModelFamily.SDXL_REFINER);
        assertThat(config.path("block_out_channels").toString()).isEqualTo("[4,8,16,16]");
        assertThat(config.path("down_block_types").toString())
                .isEqualTo("[\"DownBlock2D\",\"CrossAttnDownBlock2D\",\"CrossAttnDownBlock2D\",\"DownBlock2D\"]");
        assertThat(config.path("transformer_layers_per_block").toString()).isEqualTo("[1,4,4,4]");
        assertThat(config.path("cross_attention_dim").asInt()).isEqualTo(1280);
        assertThat(config.path("projection_class_embeddings_input_dim").asInt()).isEqualTo(2560);
        assertThat(config.path("addition_embed_type").asText()).isEqualTo("text_time");
    }

    /** The refiner's names with narrow channels: what the published file has, a hundredth as wide. */
    private static Map<String, long[]> refiner() {
        Map<String, long[]> shapes = new TreeMap<>();
        shapes.put("input_blocks.0.0.weight", new long[] {4, 4, 3, 3});
        shapes.put("label_emb.0.0.weight", new long[] {16, 2560});
        shapes.put("out.2.weight", new long[] {4, 4, 3, 3});
        long[] channels = {4, 8, 16, 16};
        int number = 1;
        for (int level = 0; level < channels.length; level++) {
            for (int layer = 0; layer < 2; layer++, number++) {
                long width = channels[level];
                shapes.put("input_blocks." + number + ".0.out_layers.3.weight", new long[] {width, width, 3, 3});
                if (level == 1 || level == 2) {
                    transformer(shapes, "input_blocks." + number + ".1.", width);
                }
            }
            if (level < 3) {
                shapes.put("input_blocks." + number++ + ".0.op.weight", new long[] {4, 4, 3, 3});
            }
        }
        transformer(shapes, "middle_block.1.", 16);
        return shapes;
    }

    private static void transformer(Map<String, long[]> shapes, String module, long width) {
        shapes.put(module + "proj_in.weight", new long[] {width, width});
        for (int block = 0; block < 4; block++) {
            shapes.put(module + "transformer_blocks." + block + ".norm1.weight", new long[] {width});
            shapes.put(module + "transformer_blocks." + block + ".attn2.to_k.weight", new long[] {width, 1280});
        }
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
