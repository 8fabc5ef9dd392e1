package atelier.diffusion.adapter.file;

import static atelier.diffusion.adapter.file.RandomAdapters.CONV;
import static atelier.diffusion.adapter.file.RandomAdapters.PROJ;
import static atelier.diffusion.adapter.file.RandomAdapters.TO_K;
import static atelier.diffusion.adapter.file.RandomAdapters.adapter;
import static atelier.diffusion.adapter.file.RandomAdapters.convolution;
import static atelier.diffusion.adapter.file.RandomAdapters.linear;
import static atelier.diffusion.adapter.file.RandomAdapters.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.adapter.math.Deltas;
import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterFileTest {
    @TempDir
    Path folder;

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
}
