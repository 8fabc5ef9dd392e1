package atelier.diffusion.adapter.inspect;

import static atelier.diffusion.adapter.file.RandomAdapters.adapter;
import static atelier.diffusion.adapter.file.RandomAdapters.random;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.adapter.file.KohyaWriter;
import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectorTest {
    @TempDir
    Path folder;

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
}
