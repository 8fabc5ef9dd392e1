package atelier.diffusion.weights.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.DType;
import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.SafetensorsFile;
import atelier.diffusion.weights.SafetensorsWriter;
import atelier.diffusion.weights.TensorSource;
import atelier.diffusion.weights.TensorView;
import atelier.diffusion.weights.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFileTest {
    private static final ModuleKey TO_K =
            new ModuleKey(Component.UNET, "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k");
    private static final ModuleKey CONV = new ModuleKey(Component.UNET, "up_blocks.0.resnets.1.conv1");
    private static final ModuleKey PROJ =
            new ModuleKey(Component.TEXT_ENCODER, "text_model.encoder.layers.0.self_attn.q_proj");

    @TempDir
    Path folder;

    static TensorView random(String of, long... shape) {
        Random random = new Random(of.hashCode());
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TensorView.ofFloats(values, shape);
    }

    static ModuleState linear(String of, int rank, double alpha, int in, int out) {
        return new ModuleState(
                AdapterMethod.LORA,
                Map.of(ModuleState.DOWN, random(of + "d", rank, in), ModuleState.UP, random(of + "u", out, rank)),
                alpha,
                rank);
    }

    static ModuleState convolution(int rank, double alpha) {
        return new ModuleState(
                AdapterMethod.LORA,
                Map.of(
                        ModuleState.DOWN, random("cd", rank, 6, 3, 3),
                        ModuleState.UP, random("cu", 8, rank, 1, 1)),
                alpha,
                rank);
    }

    private static AdapterState adapter() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        modules.put(TO_K, linear("a", 4, 2, 12, 20));
        modules.put(CONV, convolution(3, 6));
        modules.put(PROJ, linear("t", 4, 4, 16, 16));
        return new AdapterState(modules, Map.of());
    }

    private static void assertSame(AdapterState actual, AdapterState expected) {
        assertThat(actual.modules().keySet()).isEqualTo(expected.modules().keySet());
        expected.modules().forEach((key, module) -> {
            ModuleState other = actual.modules().get(key);
            assertThat(other.method()).isEqualTo(module.method());
            assertThat(other.rank()).isEqualTo(module.rank());
            assertThat(other.tensors().keySet()).isEqualTo(module.tensors().keySet());
            long[] shape = Deltas.naturalShape(module);
            assertThat(Deltas.of(other, shape).values())
                    .as(key.toString())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(Deltas.of(module, shape).values());
        });
    }

    @Test
    void kohyasFileComesBack() throws IOException {
        Path file = folder.resolve("a.safetensors");
        KohyaWriter.write(adapter(), file, DType.F32, ModelFamily.SD1, ModuleNames.stableDiffusion(), Map.of());
        Map<String, TensorView> tensors = SafetensorsFile.open(file).tensors();
        assertThat(tensors)
                .containsKeys(
                        "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight",
                        "lora_unet_up_blocks_0_resnets_1_conv1.alpha",
                        "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight");
        assertThat(tensors.get("lora_unet_up_blocks_0_resnets_1_conv1.alpha").shape())
                .isEmpty();
        assertSame(AdapterFile.read(file, null), adapter());
    }

    @Test
    void xlsFileHasTheOriginalLayoutsNamesAndComesBack() throws IOException {
        Path file = folder.resolve("a.safetensors");
        KohyaWriter.write(adapter(), file, DType.F32, ModelFamily.SDXL, ModuleNames.stableDiffusionXl(), Map.of());
        assertThat(SafetensorsFile.open(file).tensors())
                .containsKeys(
                        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight",
                        "lora_unet_output_blocks_1_0_in_layers_2.lora_up.weight",
                        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.alpha");
        assertSame(AdapterFile.read(file, null), adapter());
    }

    @Test
    void peftsFoldersComeBack() throws IOException {
        PeftWriter.folder(adapter(), folder.resolve("peft"), DType.F32, Map.of());
        AdapterState unet = AdapterFile.read(folder.resolve("peft/unet"), null);
        assertThat(unet.modules().keySet()).containsExactlyInAnyOrder(TO_K, CONV);
        assertSame(unet, new AdapterState(Map.of(TO_K, linear("a", 4, 2, 12, 20), CONV, convolution(3, 6)), Map.of()));
        assertThat(unet.modules().get(CONV).alpha()).isEqualTo(6);
        assertThat(AdapterFile.read(folder.resolve("peft/text_encoder"), null)
                        .modules()
                        .keySet())
                .containsExactly(PROJ);
    }

    /** A square convolution: its lengths [1, out, 1, 1] could be taken for those of the columns. */
    @Test
    void dorasLengthsComeBackInEveryFormat() throws IOException {
        Map<String, TensorSource> tensors = new HashMap<>();
        tensors.put(ModuleState.DOWN, random("d", 2, 8, 1, 1));
        tensors.put(ModuleState.UP, random("u", 8, 2, 1, 1));
        tensors.put(ModuleState.DORA, random("m", 8, 1, 1, 1));
        ModuleKey key = new ModuleKey(Component.UNET, "down_blocks.0.attentions.0.proj_in");
        AdapterState dora = new AdapterState(Map.of(key, new ModuleState(AdapterMethod.LORA, tensors, 2, 2)), Map.of());
        Path file = folder.resolve("k.safetensors");
        KohyaWriter.write(dora, file, DType.F32, ModelFamily.SD1, ModuleNames.stableDiffusion(), Map.of());
        PeftWriter.diffusers(dora, folder.resolve("d.safetensors"), DType.F32, Map.of());
        PeftWriter.folder(dora, folder.resolve("peft"), DType.F32, Map.of());
        for (String name : List.of("k.safetensors", "d.safetensors", "peft")) {
            TensorView lengths = AdapterFile.read(folder.resolve(name), null)
                    .modules()
                    .get(key)
                    .tensor(ModuleState.DORA);
            assertThat(lengths.shape()).as(name).containsExactly(8, 1, 1, 1);
            assertThat(lengths.toFloats()).containsExactly(random("m", 8).toFloats());
        }
    }

    @Test
    void diffusersFileHoldsTheScaleInItsSecondMatrix() throws IOException {
        Path file = folder.resolve("d.safetensors");
        PeftWriter.diffusers(adapter(), file, DType.F32, Map.of());
        AdapterState back = AdapterFile.read(file, null);
        assertSame(back, adapter());
        assertThat(back.modules().get(CONV).scale()).isEqualTo(1);
        assertThat(SafetensorsFile.open(file).tensors()).containsKey("unet.up_blocks.0.resnets.1.conv1.lora_A.weight");
    }

    @Test
    void otherNamesOfTheSameLayersAreRead() throws IOException {
        Map<String, TensorSource> tensors = new HashMap<>();
        ModuleState module = linear("a", 4, 4, 12, 20);
        String old = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.";
        tensors.put(old + "down.weight", module.tensor(ModuleState.DOWN));
        tensors.put(old + "up.weight", module.tensor(ModuleState.UP));
        Path file = folder.resolve("old.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        AdapterState expected = new AdapterState(Map.of(TO_K, module), Map.of());
        assertSame(AdapterFile.read(file, null), expected);

        tensors.clear();
        String comfy = "diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.";
        tensors.put(comfy + "lora_A.weight", module.tensor(ModuleState.DOWN));
        tensors.put(comfy + "lora_B.weight", module.tensor(ModuleState.UP));
        SafetensorsWriter.write(file, tensors, Map.of());
        assertSame(AdapterFile.read(file, null), expected);
    }

    @Test
    void aStrayTensorIsAnErrorWithItsName() throws IOException {
        Path file = folder.resolve("s.safetensors");
        SafetensorsWriter.write(file, Map.of("lora_unet_x.foo", random("x", 1)), Map.of());
        assertThatThrownBy(() -> AdapterFile.read(file, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds 1 of 1 tensors that no adapter format")
                .hasMessageContaining("lora_unet_x.foo");
        SafetensorsWriter.write(file, Map.of("lora_unet_x.alpha", random("x")), Map.of());
        assertThatThrownBy(() -> AdapterFile.read(file, null)).hasMessageContaining("make no update of a known method");
    }

    @Test
    void anInspectedAdapterIsDescribedInWords() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, String> metadata = new AdapterMetadata(ModelFamily.SD1, false, 512, 512)
                .network("lora", 4, 2)
                .json("ss_tag_frequency", Map.of("cats", Map.of("cat", 3)))
                .build();
        KohyaWriter.write(adapter(), file, DType.F16, ModelFamily.SD1, ModuleNames.stableDiffusion(), metadata);
        assertThat(Inspector.describe(file))
                .contains(file + " is an adapter for stable-diffusion-v1, in kohya's format")
                .contains("method: LoRA; rank 3, 4, alpha 2, 4, 6; 442 parameters, F16")
                .contains("unet: 2 layers", "text_encoder: 1 layers")
                .contains("  ss_tag_frequency = {\"cats\":{\"cat\":3}}")
                .anyMatch(line -> line.startsWith("  unet.down_blocks.1 "))
                .anyMatch(line -> line.startsWith("loads in: Atelier, A1111"));
    }

    @Test
    void anInspectedModelIsDescribedInWords() throws IOException {
        Path model = Path.of("src/test/resources/golden/models/sd2");
        assertThat(Inspector.describe(model))
                .contains(model + " is a Stable Diffusion 2.x model, a diffusers folder")
                .contains("predicts v; trained for 1000 noise levels")
                .anyMatch(line -> line.startsWith("unet: ") && line.endsWith(" parameters, F32"));
        Path file = folder.resolve("x.safetensors");
        SafetensorsWriter.write(file, Map.of("x", random("x", 2)), Map.of("k", "v"));
        assertThat(Inspector.describe(file))
                .contains(file + " is a safetensors file of 1 tensors (F32), neither an adapter nor a checkpoint that"
                        + " Atelier knows")
                .contains("  k = v");
    }

    /** The hashes by their definition, on a file long enough to reach the stretch that the legacy hash covers. */
    @Test
    void hashesAreKohyas() throws Exception {
        Map<String, TensorSource> tensors = Map.of("lora_unet_x.lora_up.weight", random("long", 300, 1000));
        Map<String, String> metadata =
                Map.of("ss_output_name", "cats", "modelspec.sai_model_spec", "1.0.1", "other", "x");
        Map<String, String> all = AdapterHashes.with(tensors, metadata);
        Path file = folder.resolve("h.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("ss_output_name", "cats"));
        byte[] bytes = Files.readAllBytes(file);
        int data = 8 + (int) SafetensorsFile.open(file).headerLength();
        String model = sha256(bytes, data, bytes.length);
        assertThat(all)
                .containsEntry("sshs_model_hash", model)
                .containsEntry(
                        "sshs_legacy_hash", sha256(bytes, 0x100000, 0x110000).substring(0, 8))
                .containsEntry("modelspec.hash_sha256", "0x" + model)
                .containsEntry("other", "x");
    }

    private static String sha256(byte[] bytes, int from, int to) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes, from, to - from);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The values are kohya's own functions'; the tensors repeat the formula of their generator. */
    @Test
    void hashesAreThoseThatKohyasFunctionsCompute() throws IOException {
        float[] values = new float[300_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) i * 7919 % 10007;
        }
        Map<String, TensorSource> tensors = Map.of(
                "lora_unet_x.lora_up.weight", TensorView.ofFloats(values, 300, 1000),
                "lora_unet_x.alpha", TensorView.ofFloats(new float[] {4}));
        Map<String, String> metadata =
                Map.of("ss_output_name", "cats", "ss_network_dim", "300", "modelspec.sai_model_spec", "1.0.1");
        Map<String, String> all = AdapterHashes.with(tensors, metadata);
        JsonNode golden = new ObjectMapper()
                .readTree(Path.of("src/test/resources/golden/kohya/hashes.json").toFile());
        for (String key : List.of("sshs_model_hash", "sshs_legacy_hash")) {
            assertThat(all.get(key)).isEqualTo(golden.get(key).asText());
        }
    }

    @Test
    void metadataOfAnotherFileIsKeptButForHashesAndPaths() {
        Map<String, String> earlier = Map.of(
                "ss_output_name", "cats",
                "ss_sd_model_name", "/home/ana/models/base.safetensors",
                "ss_network_dim", "64",
                "sshs_model_hash", "abc",
                "modelspec.hash_sha256", "0xabc",
                "modelspec.thumbnail", "data:image/jpeg;base64,+/tmp/AAAA");
        Map<String, String> kept = new AdapterMetadata(ModelFamily.SD1, false, 512, 512)
                .network("lora", 4, 4)
                .keeping(earlier)
                .build();
        assertThat(kept)
                .containsEntry("ss_output_name", "cats")
                .containsEntry("ss_network_dim", "4")
                .containsKey("modelspec.thumbnail")
                .doesNotContainKeys("ss_sd_model_name", "sshs_model_hash", "modelspec.hash_sha256");
    }

    @Test
    void aThumbnailIsADataUri() {
        Map<String, String> metadata = new AdapterMetadata(ModelFamily.SD1, false, 512, 512)
                .thumbnail(new byte[] {1, 2, 3})
                .build();
        assertThat(metadata).containsEntry("modelspec.thumbnail", "data:image/jpeg;base64,AQID");
    }

    @Test
    void metadataWithAPathIsRefused() {
        AdapterMetadata metadata = new AdapterMetadata(ModelFamily.SD2, true, 768, 768);
        assertThat(metadata.build())
                .containsEntry("ss_base_model_version", "sd_v2_v")
                .containsEntry("modelspec.architecture", "stable-diffusion-v2-768-v/lora")
                .containsEntry("ss_resolution", "(768, 768)");
        for (String path : new String[] {"/home/ana/cats", "C:\\cats\\x", "see file:/tmp/x", "{\"/Users/ana/x\":1}"}) {
            metadata.text("ss_output_name", path);
            assertThatThrownBy(metadata::build)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the metadata ss_output_name would hold a path");
        }
        metadata.text("ss_output_name", "a/b and 1/2, https://example.org/home/x");
        assertThat(metadata.build()).containsKey("ss_output_name");
    }
}
