package atelier.inference.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.inference.prompt.PromptTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 34: adapters that prompts name. */
class AdapterTagsTest {
    @TempDir
    private Path folder;

    private Path ink;

    @BeforeEach
    void write() throws IOException {
        ink = adapter(folder.resolve("styles/Ink.safetensors"), "");
        adapter(folder.resolve("a/twice.safetensors"), "");
        adapter(folder.resolve("twice.safetensors"), "");
        adapter(folder.resolve("v3-000012.safetensors"), "watercolour");
        adapter(folder.resolve("peft/adapter_model.safetensors"), "");
    }

    private static Path adapter(Path file, String outputName) throws IOException {
        Files.createDirectories(file.getParent());
        TensorView value = TensorView.ofFloats(new float[] {1});
        SafetensorsWriter.write(
                file,
                new TreeMap<>(Map.of("lora_unet_mid.alpha", value, "lora_te_text_model.alpha", value)),
                outputName.isEmpty() ? Map.of() : Map.of("ss_output_name", outputName));
        return file;
    }

    private AdapterChoice choice(String prompt) throws IOException {
        List<AdapterChoice> all =
                new AdapterTags(List.of(), folder, List.of()).adapters(PromptTag.of(prompt), "the prompt");
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    @Test
    void anAdapterIsFoundByItsNameInAnyFolder() throws IOException {
        for (String name : List.of("Ink", "ink", "Ink.safetensors", "styles/Ink", "styles\\Ink")) {
            assertThat(choice("<lora:" + name + ":0.8>")).isEqualTo(new AdapterChoice(ink, 0.8));
        }
        assertThat(choice("<lora:watercolour:1>").file()).isEqualTo(folder.resolve("v3-000012.safetensors"));
        assertThat(choice("<lora:peft:1>").file()).isEqualTo(folder.resolve("peft"));
        assertThat(choice("<lora:./twice:1>").file()).isEqualTo(folder.resolve("twice.safetensors"));
        assertThat(choice("<lora:a/twice:1>").file()).isEqualTo(folder.resolve("a/twice.safetensors"));
    }

    @Test
    void weightsOfTextEncoderAndUnetMayDiffer() throws IOException {
        assertThat(choice("<lyco:Ink>")).isEqualTo(new AdapterChoice(ink, 1));
        assertThat(choice("<lora:Ink:-0.5>")).isEqualTo(new AdapterChoice(ink, -0.5));
        AdapterChoice both = new AdapterChoice(ink, 0.8, List.of(new BlockStrength("text_encoder", 0.5)));
        assertThat(choice("<lora:Ink:0.4:0.8>")).isEqualTo(both);
        assertThat(choice("<lora:Ink:te=0.4:unet=0.8>")).isEqualTo(both);
        assertThat(choice("<lora:Ink:0.4:0>"))
                .isEqualTo(new AdapterChoice(ink, 0.4, List.of(new BlockStrength("unet", 0))));
        assertThat(choice("<lora:Ink:0:1>"))
                .isEqualTo(new AdapterChoice(ink, 1, List.of(new BlockStrength("text_encoder", 0))));
    }

    @Test
    void noneAndTwoAreErrorsThatNameThem() {
        assertThatThrownBy(() -> choice("<lora:inky:1>"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("the prompt has <lora:inky:1>, and adapters_dir=")
                .hasMessageContaining("holds no adapter 'inky'; near it are peft, twice");
        assertThatThrownBy(() -> choice("<lora:twice:1>"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("may be any of [a/twice, twice]");
        assertThatThrownBy(() -> choice("<lora:Ink:much>")).hasMessageContaining("whose weight 'much' is no number");
        assertThatThrownBy(() -> choice("<lora:Ink:1:lbw=MIDD>")).hasMessageContaining("'lbw=MIDD' means nothing");
        assertThatThrownBy(() -> choice("<hypernet:Ink:1>")).hasMessageContaining("'hypernet' is nothing");
        assertThatThrownBy(() -> new AdapterTags(List.of(), null, List.of())
                        .adapters(PromptTag.of("<lora:Ink:1>"), "the prompt"))
                .hasMessageContaining("name it: adapters_dir=FOLDER");
    }
}
