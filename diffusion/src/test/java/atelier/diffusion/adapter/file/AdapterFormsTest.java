package atelier.diffusion.adapter.file;

import static atelier.diffusion.adapter.file.RandomAdapters.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters in the forms that are met in the wild: field cases 23, 24, 27, 28 and 29. */
class AdapterFormsTest {
    private static final String TO_K = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k";
    private static final String Q_PROJ = "text_model.encoder.layers.0.self_attn.q_proj";

    @TempDir
    Path folder;

    /** Case 24: transformers 5 leaves text_model. out. Case 29: names inside keys, ComfyUI's, old attention processors. */
    @ParameterizedTest
    @CsvSource({
        "text_encoder.encoder.layers.0.self_attn.q_proj.lora_A.weight, text_encoder, " + Q_PROJ,
        "text_encoder_2.encoder.layers.0.self_attn.q_proj.lora_A.weight, text_encoder_2, " + Q_PROJ,
        "base_model.model.encoder.layers.0.self_attn.q_proj.lora_A.weight, text_encoder, " + Q_PROJ,
        "base_model.model.encoder.layers.0.self_attn.q_proj.lora_A.default.weight, text_encoder, " + Q_PROJ,
        "lora_te_encoder_layers_0_self_attn_q_proj.lora_down.weight, text_encoder, " + Q_PROJ,
        "lora_te2_encoder_layers_0_self_attn_q_proj.lora_down.weight, text_encoder_2, " + Q_PROJ,
        "lycoris_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight, text_encoder, " + Q_PROJ,
        "text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_down.weight, text_encoder, "
                + Q_PROJ,
        "clip_g.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight, text_encoder_2, " + Q_PROJ,
        "text_encoders.clip_h.transformer.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight, text_encoder, "
                + Q_PROJ,
        "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.down.weight, text_encoder, " + Q_PROJ,
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.down.weight, text_encoder, "
                + Q_PROJ,
        "unet." + TO_K + ".lora_A.my-style.weight, unet, " + TO_K,
        "unet." + TO_K + ".lora_A, unet, " + TO_K,
        "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight, unet, " + TO_K,
        "down_blocks.1.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight, unet, " + TO_K,
        TO_K + ".lora_A.weight, unet, " + TO_K,
        "base_model.model.base_model.model." + TO_K + ".lora_A.weight, unet, " + TO_K,
        "diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.lora_A.weight, unet, "
                + "input_blocks.4.1.transformer_blocks.0.attn2.to_k",
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.lora_A.weight, unet, "
                + "input_blocks.4.1.transformer_blocks.0.attn2.to_k",
        "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.default.weight, unet, " + TO_K,
    })
    void aNameIsReadInEveryFormThatIsMet(String name, String network, String path) {
        AdapterKey key = AdapterKey.parse(name).orElseThrow();
        assertThat(key.component().folder()).isEqualTo(network);
        assertThat(key.path()).isEqualTo(path);
        assertThat(key.role()).isEqualTo(ModuleState.DOWN);
    }

    /** Case 29: what is known is applied, what is not is listed. */
    @Test
    void bundledEmbeddingsComeAlongAndStrangersAreListed() throws IOException {
        Map<String, TensorSource> tensors = plain();
        tensors.put("bundle_emb.cat.string_to_param.*", random("e", 2, 12));
        tensors.put("bundle_emb.xl dog.clip_g", random("g", 1, 20));
        tensors.put("bundle_emb.xl dog.clip_l", random("l", 1, 12));
        tensors.put("some.new.thing", random("s", 3));
        tensors.put("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", random("half", 2, 6));
        AdapterState read = AdapterFile.read(write(tensors), null);
        assertThat(read.modules().keySet()).containsExactly(new ModuleKey(Component.UNET, TO_K));
        assertThat(read.unread())
                .containsExactly(
                        "some.new.thing",
                        "unet.mid_block.attentions.0.proj_in (has [lora_down.weight], which make no update of a known"
                                + " method)");
        assertThat(read.embeddings()).extracting("token").containsExactly("cat", "xl dog");
        assertThat(read.embeddings().get(0).vectors().get(0).shape()).containsExactly(2, 12);
        assertThat(read.embeddings().get(1).vectors().get(0).toFloats())
                .containsExactly(random("l", 1, 12).toFloats());
    }

    /** Case 29: alphas of every number type, as scalars and as vectors of one. */
    @ParameterizedTest
    @ValueSource(strings = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "F8_E5M2"})
    void anAlphaMayBeOfAnyNumberType(String type) throws IOException {
        DType dtype = DType.valueOf(type);
        ByteBuffer bytes = ByteBuffer.allocate(dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        switch (dtype) {
            case F64 -> bytes.putDouble(2);
            case F32 -> bytes.putFloat(2);
            case F16 -> bytes.putShort((short) 0x4000);
            case BF16 -> bytes.putShort((short) 0x4000);
            case F8_E5M2 -> bytes.put((byte) 0x40);
            case I64 -> bytes.putLong(2);
            case I32 -> bytes.putInt(2);
            case I16 -> bytes.putShort((short) 2);
            default -> bytes.put((byte) 2);
        }
        for (long[] shape : new long[][] {{}, {1}}) {
            Map<String, TensorSource> tensors = plain();
            tensors.put(
                    kohya() + ".alpha",
                    new TensorView(dtype, shape, bytes.duplicate().flip()));
            AdapterState read = AdapterFile.read(write(tensors), null);
            assertThat(read.modules().get(new ModuleKey(Component.UNET, TO_K)).alpha())
                    .isEqualTo(2);
        }
    }

    /** Case 27: in a matrix, in an alpha, in a bundled embedding; NaN and infinity, in fp32, fp16, bf16 and fp8. */
    @ParameterizedTest
    @CsvSource({
        "lora_up.weight, F32, 7fc00000", "lora_up.weight, F32, ff800000", "lora_down.weight, F16, 7e00",
        "lora_down.weight, F16, fc00", "lora_up.weight, BF16, 7f80", "lora_up.weight, F8_E4M3, ff",
        "lora_up.weight, F8_E5M2, 7c", "alpha, F32, 7f800000", "dora_scale, F64, 7ff8000000000000",
    })
    void aNumberThatIsNotFiniteIsRefusedByFileAndLayer(String role, String type, String bits) throws IOException {
        DType dtype = DType.valueOf(type);
        long[] shape =
                role.equals("alpha") ? new long[0] : role.contains("down") ? new long[] {4, 12} : new long[] {20, 4};
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(DType.byteSize(dtype, shape)))
                .order(ByteOrder.LITTLE_ENDIAN);
        long value = Long.parseUnsignedLong(bits, 16);
        int at = bytes.capacity() - dtype.bytes();
        for (int i = 0; i < dtype.bytes(); i++) {
            bytes.put(at + i, (byte) (value >>> 8 * i));
        }
        Map<String, TensorSource> tensors = plain();
        tensors.put(kohya() + "." + role, new TensorView(dtype, shape, bytes));
        Path file = write(tensors);
        assertThatThrownBy(() -> AdapterFile.read(file, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageStartingWith(file + ": the tensor '" + kohya() + "." + role + "' holds "
                        + (isNan(bits) ? "1 NaN and 0 infinite" : "0 NaN and 1 infinite"));
    }

    private static boolean isNan(String bits) {
        return bits.startsWith("7fc") || bits.equals("7e00") || bits.equals("ff") || bits.startsWith("7ff8");
    }

    /** Case 29: forms that are not read are listed by their layer's name, beside what is. */
    @Test
    void otherMethodsAreListed() throws IOException {
        Map<String, TensorSource> tensors = plain();
        tensors.put("lora_unet_mid_block_attentions_0_proj_in.oft_blocks", random("b", 6, 2));
        tensors.put("lora_unet_mid_block_attentions_0_proj_out.lambda_layer", random("t", 1, 4));
        tensors.put("lora_unet_mid_block_resnets_0_conv1.alpha", random("a", 1));
        AdapterState read = AdapterFile.read(write(tensors), null);
        assertThat(read.modules()).hasSize(1);
        assertThat(read.unread())
                .hasSize(3)
                .anyMatch(line -> line.contains("proj_in (has [oft_blocks]"))
                .contains("lora_unet_mid_block_attentions_0_proj_out.lambda_layer")
                .anyMatch(line -> line.startsWith("unet.mid_block.resnets.0.conv1"));
    }

    /** Case 27: an export that fp16 cannot hold is refused, not written as infinity. */
    @Test
    void numbersBeyondFp16AreNotWrittenAsInfinity() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        Map<String, TensorSource> tensors = new TreeMap<>();
        tensors.put(ModuleState.DOWN, random("d", 4, 12));
        float[] large = random("u", 20, 4).toFloats();
        large[3] = 70000;
        tensors.put(ModuleState.UP, TensorView.ofFloats(large, 20, 4));
        modules.put(new ModuleKey(Component.UNET, TO_K), new ModuleState(AdapterMethod.LORA, tensors, 4, 4));
        AdapterState adapter = new AdapterState(modules, Map.of());
        assertThatThrownBy(() -> PeftWriter.folder(adapter, folder.resolve("p"), DType.F16, Map.of()))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("beyond 65504")
                .hasMessageContaining("dtype=bf16");
    }

    @Test
    void twoAdaptersInOneFileAreRefusedByBothNames() throws IOException {
        Map<String, TensorSource> tensors = new TreeMap<>();
        for (String name : new String[] {"one", "two"}) {
            tensors.put("unet." + TO_K + ".lora_A." + name + ".weight", random(name + "d", 4, 12));
            tensors.put("unet." + TO_K + ".lora_B." + name + ".weight", random(name + "u", 20, 4));
        }
        Path file = write(tensors);
        assertThatThrownBy(() -> AdapterFile.read(file, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("holds two adapters in one")
                .hasMessageContaining("lora_A.one.weight")
                .hasMessageContaining("lora_A.two.weight");
    }

    @Test
    void wholeNumbersInPlaceOfAMatrixAreRefusedByName() throws IOException {
        Map<String, TensorSource> tensors = plain();
        tensors.put(kohya() + ".lora_up.weight", new TensorView(DType.I8, new long[] {20, 4}, ByteBuffer.allocate(80)));
        Path file = write(tensors);
        assertThatThrownBy(() -> AdapterFile.read(file, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("has its lora_up.weight as I8");
    }

    /** Case 23: PEFT finds targets by the ends of paths, and tensors by whole paths, with and without text_model. */
    @Test
    void textEncodersAreWrittenForTransformers4And5() throws IOException {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        for (Component component : new Component[] {Component.TEXT_ENCODER, Component.TEXT_ENCODER_2}) {
            modules.put(new ModuleKey(component, Q_PROJ), RandomAdapters.linear("q", 2, 3, 8, 8));
            modules.put(
                    new ModuleKey(component, "text_model.encoder.layers.0.mlp.fc1"),
                    RandomAdapters.linear("f", 4, 5, 8, 12));
        }
        AdapterState adapter = new AdapterState(modules, Map.of());
        PeftWriter.folder(adapter, folder.resolve("peft"), DType.F32, Map.of());
        JsonNode config = PeftConfig.JSON.readTree(
                folder.resolve("peft/text_encoder/adapter_config.json").toFile());
        assertThat(config.get("target_modules").toString())
                .isEqualTo("[\"encoder.layers.0.mlp.fc1\",\"encoder.layers.0.self_attn.q_proj\"]");
        assertThat(config.get("rank_pattern").toString())
                .isEqualTo("{\"encoder\\\\.layers\\\\.0\\\\.self_attn\\\\.q_proj\":2}");
        assertThat(SafetensorsFile.open(folder.resolve("peft/text_encoder/adapter_model.safetensors"))
                        .tensors())
                .containsKeys(
                        "base_model.model." + Q_PROJ + ".lora_A.weight",
                        "base_model.model.encoder.layers.0.self_attn.q_proj.lora_A.weight")
                .hasSize(8);
        assertThat(SafetensorsFile.open(folder.resolve("peft/text_encoder_2/adapter_model.safetensors"))
                        .tensors())
                .containsKey("base_model.model." + Q_PROJ + ".lora_A.weight")
                .hasSize(4);
        for (String name : new String[] {"text_encoder", "text_encoder_2"}) {
            AdapterState back = AdapterFile.read(folder.resolve("peft").resolve(name), null);
            assertThat(back.components()).extracting(Component::folder).containsExactly(name);
            assertThat(back.modules().values()).extracting(ModuleState::alpha).containsExactly(5.0, 3.0);
        }
        PeftWriter.diffusers(adapter, folder.resolve("d.safetensors"), DType.F32, Map.of());
        SafetensorsFile diffusers = SafetensorsFile.open(folder.resolve("d.safetensors"));
        assertThat(diffusers.tensors()).containsKey("text_encoder." + Q_PROJ + ".lora_A.weight");
        JsonNode packed = PeftConfig.JSON.readTree(diffusers.metadata().get(PeftConfig.METADATA));
        assertThat(packed.get("text_encoder.target_modules").get(0).asText()).isEqualTo("encoder.layers.0.mlp.fc1");
    }

    /** Case 28: PEFT's rule, (.*\.)?(pattern)$ from the beginning, Python's notation included. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "to_k true",
                "attn2.to_k true",
                "attn..to_k true",
                "k false",
                "to_[kq] true",
                "(?P<a>attn)2\\.(?:to_k|to_q) true",
                "^down_blocks\\..*to_k true",
                "^attn2.to_k false",
                "attn2 false",
                ".*attn1.* false",
                ".*attn2.* true",
                "blocks\\.1\\..* false",
                "down_blocks\\.1\\..* true",
                "to_\\w true",
                "to_k{,1} true",
                "to_k\\Z true",
                "[[t]o_k true",
                "[^]a]o_k true",
            })
    void aPatternMatchesAsInPeft(String pattern, boolean matches) {
        assertThat(PythonPattern.matches(pattern, TO_K)).isEqualTo(matches);
    }

    @Test
    void aPatternThatIsNoneIsNamed() throws IOException {
        Files.writeString(
                folder.resolve(PeftConfig.FILE), "{\"r\": 4, \"lora_alpha\": 4, \"alpha_pattern\": {\"to_(k\": 2}}");
        Map<String, TensorSource> tensors = new TreeMap<>();
        tensors.put("base_model.model." + TO_K + ".lora_A.weight", random("d", 4, 12));
        tensors.put("base_model.model." + TO_K + ".lora_B.weight", random("u", 20, 4));
        SafetensorsWriter.write(folder.resolve(PeftConfig.WEIGHTS), tensors, Map.of());
        assertThatThrownBy(() -> AdapterFile.read(folder, null))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("adapter_config.json has the pattern 'to_(k'");
    }

    /** LyCORIS's forms come back from the file that is written of them. */
    @Test
    void formsOfLycorisComeBackFromKohyasFile() throws IOException {
        Path forms = Path.of("src/test/resources/golden/forms");
        for (String form : new String[] {"lycoris-glora", "lycoris-ia3", "lycoris-oft-rescaled", "lycoris-norms"}) {
            AdapterState read = AdapterFile.read(forms.resolve(form).resolve("adapter.safetensors"), null);
            Path file = folder.resolve(form + ".safetensors");
            KohyaWriter.write(read, file, DType.F32, ModelFamily.SD1, ModuleNames.stableDiffusion(), Map.of());
            AdapterState back = AdapterFile.read(file, null);
            assertThat(back.modules().keySet()).isEqualTo(read.modules().keySet());
            read.modules().forEach((key, module) -> {
                ModuleState other = back.modules().get(key);
                assertThat(other.method()).isEqualTo(module.method());
                assertThat(other.alpha()).isEqualTo(module.alpha());
                module.tensors()
                        .forEach((role, tensor) -> assertThat(other.tensor(role).toFloats())
                                .as(key + " " + role)
                                .containsExactly(tensor.view().toFloats()));
            });
        }
    }

    private static String kohya() {
        return "lora_unet_" + TO_K.replace('.', '_');
    }

    private static Map<String, TensorSource> plain() {
        Map<String, TensorSource> tensors = new TreeMap<>();
        tensors.put(kohya() + ".lora_down.weight", random("d", 4, 12));
        tensors.put(kohya() + ".lora_up.weight", random("u", 20, 4));
        return tensors;
    }

    private Path write(Map<String, TensorSource> tensors) throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }
}
