package atelier.diffusion.weights;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import atelier.common.file.JsonText;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.NoiseSettings;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as they are met in the wild: field cases 25, 30, 32 and 33. */
class FieldModelsTest {
    private static final Path MODELS = Path.of("src/test/resources/golden/models");
    private static final Path UNETS = Path.of("src/test/resources/golden/unets");

    @TempDir
    Path folder;

    private static Checkpoint model(String name) throws IOException {
        return Checkpoint.open(MODELS.resolve(name));
    }

    private Path copied(String name) throws IOException {
        Checkpoint source = model(name);
        Path copy = folder.resolve(name);
        FolderWriter.write(source, copy, DType.F32, FolderWriter.SHARD_BYTES, FolderWriter.copied(source));
        return copy;
    }

    private Path file(String name, Map<String, ? extends TensorSource> tensors) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private static void assertSame(StateDict actual, StateDict expected) {
        assertThat(actual.names()).containsExactlyInAnyOrderElementsOf(expected.names());
        expected.names().forEach(name -> {
            assertThat(actual.tensor(name).shape())
                    .as(name)
                    .isEqualTo(expected.tensor(name).shape());
            assertThat(actual.tensor(name).toFloats())
                    .as(name)
                    .containsExactly(expected.tensor(name).toFloats());
        });
    }

    /** Case 25: diffusers 0.42 saves DPM-Solver's lambda_min_clipped as -Infinity. */
    @ParameterizedTest
    @ValueSource(strings = {"-Infinity", "Infinity", "NaN"})
    void aFolderWithPythonsNumbersIsOpenedAndWrittenAlike(String number) throws IOException {
        Path copy = copied("sd1");
        Path file = copy.resolve("scheduler/scheduler_config.json");
        Files.writeString(
                file,
                "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"beta_schedule\": \"scaled_linear\","
                        + " \"lambda_min_clipped\": " + number + "}");
        Checkpoint read = Checkpoint.open(copy);
        assertThat(read.schedulerConfig().get("lambda_min_clipped").doubleValue())
                .isEqualTo(Double.valueOf(number));
        Path again = folder.resolve("again");
        FolderWriter.write(read, again, DType.F32, FolderWriter.SHARD_BYTES, FolderWriter.copied(read));
        assertThat(Files.readString(again.resolve("scheduler/scheduler_config.json")))
                .containsPattern("\"lambda_min_clipped\" : " + number + "\\b");
        Path single = folder.resolve("single.safetensors");
        SingleFileWriter.write(read, single, DType.F32, Map.of());
        assertThat(Checkpoint.open(single).schedulerConfig()).isEqualTo(read.schedulerConfig());
    }

    @Test
    void aNumberThatMattersAndIsNotFiniteIsNamed() throws IOException {
        for (String key : new String[] {"beta_start", "beta_end", "num_train_timesteps"}) {
            ObjectNode config = (ObjectNode) JsonText.mapper().readTree("{\"" + key + "\": Infinity}");
            assertThatThrownBy(() -> NoiseSettings.of(config))
                    .hasMessageContaining(key)
                    .hasMessageContaining("Infinity");
        }
    }

    /** Case 30: 2.x without hints is told by its biases, and model.prediction_type overrides the guess. */
    @ParameterizedTest
    @CsvSource({"0.12, v_prediction", "0.05, epsilon", "0.0901, v_prediction", "0.0899, epsilon"})
    void whatA2ModelPredictsIsToldByItsBiases(float spread, String expected) throws IOException {
        Map<String, TensorSource> tensors = new TreeMap<>(SingleFileWriter.layout(model("sd2")));
        String last = tensors.keySet().stream()
                .filter(name -> name.matches(".*output_blocks\\.\\d+\\.1\\.transformer_blocks\\.0\\.norm1\\.bias"))
                .reduce((a, b) -> b)
                .orElseThrow();
        float[] biases = new float[Math.toIntExact(tensors.get(last).shape()[0])];
        for (int i = 0; i < biases.length; i++) {
            biases[i] = 0.3f + (i % 2 == 0 ? spread : -spread);
        }
        tensors.put(last, TensorView.ofFloats(biases, biases.length));
        Path file = file("sd2", tensors);
        assertThat(Checkpoint.open(file)
                        .schedulerConfig()
                        .get("prediction_type")
                        .asText())
                .isEqualTo(expected);
        Checkpoint asked = Checkpoint.open(new ModelSource(file, null, null, "sample"));
        assertThat(asked.schedulerConfig().get("prediction_type").asText()).isEqualTo("sample");
    }

    /** Case 30: EDM and flow matching add noise otherwise; nothing is drawn or trained with them. */
    @ParameterizedTest
    @ValueSource(strings = {"edm_mean", "edm_vpred.sigma_max"})
    void aFileWithEdmsMarkersIsRefusedByName(String marker) throws IOException {
        Map<String, TensorSource> tensors = new TreeMap<>(SingleFileWriter.layout(model("sd1")));
        tensors.put(marker, TensorView.ofFloats(new float[1], 1));
        Checkpoint read = Checkpoint.open(file("edm", tensors));
        assertThatThrownBy(() -> NoiseSettings.of(read.schedulerConfig()))
                .hasMessageContaining("EDMEulerScheduler")
                .hasMessageContaining("neither draws nor trains");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EDMEulerScheduler", "EDMDPMSolverMultistepScheduler", "FlowMatchEulerDiscreteScheduler"})
    void aSchedulerOfAnotherProcessIsRefusedByName(String name) {
        ObjectNode config = JsonText.mapper().createObjectNode().put("_class_name", name);
        assertThatThrownBy(() -> NoiseSettings.of(config)).hasMessageContaining(name);
    }

    /** Case 31: a single file whose label_emb takes a picture's embedding and not XL's sizes. */
    @Test
    void anUnclipFileIsNotTakenForXl() throws IOException {
        Map<String, TensorView> tensors = new TreeMap<>();
        SingleFileWriter.layout(model("sd1")).forEach((name, tensor) -> {
            if (name.startsWith(SingleFile.UNET)) {
                tensors.put(name.substring(SingleFile.UNET.length()), tensor.view());
            }
        });
        tensors.replaceAll((name, tensor) -> name.endsWith("attn2.to_k.weight") || name.endsWith("attn2.to_v.weight")
                ? TensorView.ofFloats(new float[Math.toIntExact(tensor.shape()[0]) * 1024], tensor.shape()[0], 1024)
                : tensor);
        tensors.put("label_emb.0.0.weight", TensorView.ofFloats(new float[8 * 2048], 8, 2048));
        ObjectNode config = new InferredConfig("unclip", tensors).unet();
        assertThat(config.path("class_embed_type").asText()).isEqualTo("projection");
        assertThat(config.has("addition_embed_type")).isFalse();
    }

    /** Case 32: in the original layout, the autoencoder's attention under the names of diffusers, of either age. */
    @ParameterizedTest
    @CsvSource({
        "q, to_q, k, to_k, v, to_v, proj_out, to_out.0, norm, group_norm",
        "q, query, k, key, v, value, proj_out, proj_attn, norm, group_norm",
        "q, to_q, k, to_k, v, to_v, proj_out, to_out.0, norm, norm",
        "q, query, k, key, v, value, proj_out, proj_attn, norm, norm",
    })
    void anAutoencodersAttentionIsReadUnderDiffusersNames(
            String q,
            String newQ,
            String k,
            String newK,
            String v,
            String newV,
            String o,
            String newO,
            String n,
            String newN)
            throws IOException {
        Map<String, String> names = Map.of(q, newQ, k, newK, v, newV, o, newO, n, newN);
        Checkpoint sd1 = model("sd1");
        Map<String, TensorSource> tensors = new TreeMap<>();
        SingleFileWriter.layout(sd1).forEach((name, tensor) -> {
            String[] parts = name.split("attn_1\\.");
            boolean attention = parts.length == 2 && name.startsWith(SingleFile.VAE);
            String part = attention ? parts[1].substring(0, parts[1].indexOf('.')) : "";
            boolean flat = attention && newQ.equals("to_q") && tensor.shape().length == 4;
            TensorSource shaped = flat ? tensor.view().reshape(tensor.shape()[0], tensor.shape()[1]) : tensor;
            tensors.put(
                    attention ? parts[0] + "attn_1." + names.get(part) + parts[1].substring(part.length()) : name,
                    shaped);
        });
        assertSame(Checkpoint.open(file("attention", tensors)).component(Component.VAE), sd1.component(Component.VAE));
    }

    @Test
    void anAutoencoderUnderDiffusersNamesInACheckpointIsRead() throws IOException {
        Checkpoint sd1 = model("sd1");
        Map<String, TensorSource> tensors = new TreeMap<>(SingleFileWriter.layout(sd1));
        tensors.keySet().removeIf(name -> name.startsWith(SingleFile.VAE));
        sd1.component(Component.VAE).sources().forEach((name, tensor) -> tensors.put(SingleFile.VAE + name, tensor));
        assertSame(Checkpoint.open(file("mixed", tensors)).component(Component.VAE), sd1.component(Component.VAE));
    }

    /** Case 33: another autoencoder, as a folder, a model's folder, and files under three sets of names. */
    @Test
    void anAutoencoderStandsInAsFolderOrFile() throws IOException {
        Checkpoint sd1 = model("sd1");
        StateDict expected = model("sd2").component(Component.VAE);
        Map<String, TensorSource> ldm = new TreeMap<>();
        Map<String, TensorSource> bare = new TreeMap<>();
        SingleFileWriter.layout(model("sd2")).forEach((name, tensor) -> {
            if (name.startsWith(SingleFile.VAE)) {
                ldm.put(name, tensor);
                bare.put(name.substring(SingleFile.VAE.length()), tensor);
            }
        });
        bare.put("loss.logvar", TensorView.ofFloats(new float[1]));
        for (Path vae : new Path[] {
            MODELS.resolve("sd2/vae"),
            MODELS.resolve("sd2"),
            MODELS.resolve("sd2/vae/diffusion_pytorch_model.safetensors"),
            file("ldm", ldm),
            file("bare", bare),
            file("diffusers", new LinkedHashMap<>(expected.sources()))
        }) {
            Checkpoint with = Checkpoint.open(new ModelSource(MODELS.resolve("sd1"), vae, null, null));
            assertSame(with.component(Component.VAE), expected);
            assertSame(with.component(Component.UNET), sd1.component(Component.UNET));
        }
        Path none = file("none", Map.of("x", TensorView.ofFloats(new float[1])));
        assertThatThrownBy(() -> Checkpoint.open(new ModelSource(MODELS.resolve("sd1"), none, null, null)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds no autoencoder");
    }

    /** Case 33: a UNet alone, under the original layout's names with and without prefix, and under diffusers'. */
    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "sdxl"})
    void aUnetAloneIsAModelOnceTheOtherPartsAreNamed(String name) throws IOException {
        Checkpoint whole = model(name);
        Map<String, UnaryOperator<String>> forms = Map.of(
                "prefixed", n -> n,
                "short", n -> n.substring("model.".length()),
                "bare", n -> n.substring(SingleFile.UNET.length()));
        Map<String, TensorSource> unet = new TreeMap<>();
        SingleFileWriter.layout(whole).forEach((n, tensor) -> {
            if (n.startsWith(SingleFile.UNET)) {
                unet.put(n, tensor);
            }
        });
        Map<String, Path> files = new TreeMap<>();
        for (Map.Entry<String, UnaryOperator<String>> form : forms.entrySet()) {
            Map<String, TensorSource> renamed = new TreeMap<>();
            unet.forEach((n, tensor) -> renamed.put(form.getValue().apply(n), tensor));
            files.put(form.getKey(), file(form.getKey(), renamed));
        }
        files.put(
                "diffusers",
                file("diffusers", new TreeMap<>(whole.component(Component.UNET).sources())));
        for (Map.Entry<String, Path> entry : files.entrySet()) {
            assertThatThrownBy(() -> Checkpoint.open(entry.getValue()).component(Component.VAE))
                    .hasMessageContaining("name one by model.vae");
            Checkpoint model = Checkpoint.open(
                    new ModelSource(entry.getValue(), MODELS.resolve(name), MODELS.resolve(name), null));
            assertThat(model.components()).as(entry.getKey()).isEqualTo(whole.components());
            for (Component component : whole.components()) {
                assertSame(model.component(component), whole.component(component));
            }
            assertThat(model.tokenizer(Component.TEXT_ENCODER)).isPresent();
        }
    }

    /** Case 33: a text encoder as folder and as file, under transformers' names of both versions and OpenCLIP's. */
    @Test
    void aTextEncoderStandsInAsFolderOrFile() throws IOException {
        StateDict expected = model("sd1").component(Component.TEXT_ENCODER);
        Map<String, TensorSource> flat = new TreeMap<>();
        Map<String, TensorSource> ldm = new TreeMap<>();
        expected.sources().forEach((name, tensor) -> {
            flat.put(name.replace("text_model.", ""), tensor);
            ldm.put(SingleFile.CLIP + name, tensor);
        });
        for (Path text : new Path[] {MODELS.resolve("sd1/text_encoder"), file("flat", flat), file("ldm", ldm)}) {
            Checkpoint with = Checkpoint.open(new ModelSource(MODELS.resolve("odd"), null, text, null));
            assertSame(with.component(Component.TEXT_ENCODER), expected);
        }
        Path copy = copied("sd1");
        try (var files = Files.list(copy.resolve("vae"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(copy.resolve("vae"));
        assertThatThrownBy(() -> Checkpoint.open(copy)).hasMessageContaining("model.vae");
        assertThat(Checkpoint.open(new ModelSource(copy, MODELS.resolve("sd1/vae"), null, null))
                        .has(Component.VAE))
                .isTrue();
    }

    /** Case 33: UNets of fewer blocks predict as diffusers', from a folder's configuration and from a file's shapes. */
    @ParameterizedTest
    @ValueSource(strings = {"ssd", "bk", "base"})
    void aUnetOfFewerBlocksPredictsAsDiffusersDoes(String name) throws IOException {
        StateDict weights = ModelFolder.read(UNETS.resolve(name), Component.UNET);
        assertThat(prediction(weights, name)).isLessThan(1e-4);
        Map<String, TensorView> file = SafetensorsFile.open(
                        UNETS.resolve(name).resolve("diffusion_pytorch_model.safetensors"))
                .tensors();
        StateDict inferred = Checkpoint.open(file("unet-" + name, file)).component(Component.UNET);
        ObjectNode config = inferred.config();
        // What shapes do not show is what full-size models have; these are narrower.
        for (String key : new String[] {"attention_head_dim", "norm_num_groups", "sample_size"}) {
            config.set(key, weights.config().get(key));
        }
        assertThat(prediction(new StateDict("inferred", inferred.sources(), config), name))
                .isLessThan(1e-4);
    }

    private static double prediction(StateDict weights, String name) throws IOException {
        Map<String, TensorView> golden = SafetensorsFile.open(
                        UNETS.resolve(name).resolve("golden.safetensors"))
                .tensors();
        try (UNet unet = UNet.load(CPU, weights, new LoadOptions(Precision.FP32, Use.INFERENCE));
                Tape tape = Tape.inference(CPU, CPU.manager())) {
            NDManager scope = tape.scope();
            float[] out = unet.forward(
                            tape,
                            array(scope, golden.get("in.sample")),
                            scope.create(new float[] {7, 800}),
                            tape.input(array(scope, golden.get("in.text"))))
                    .value()
                    .toFloatArray();
            return Golden.relativeError(out, golden.get("out.prediction").toFloats());
        }
    }

    private static ai.djl.ndarray.NDArray array(NDManager scope, TensorView tensor) {
        return scope.create(tensor.toFloats(), new ai.djl.ndarray.types.Shape(tensor.shape()));
    }
}
