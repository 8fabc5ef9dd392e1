package atelier.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.SingleFileWriter;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFoldersTest {
    @TempDir
    Path folder;

    @Test
    void aFoldersTokenizerIsCopied() throws IOException {
        Checkpoint model = Checkpoint.open(Path.of("src/test/resources/golden/models/sd2"));
        Path copy = folder.resolve("tokenizer");
        TokenizerFolders.of(model).write(Component.TEXT_ENCODER, copy);
        assertThat(ClipTokenizer.open(copy).encode("a photo of a cat"))
                .isEqualTo(PromptEncoder.tokenizer(model).encode("a photo of a cat"));
    }

    @Test
    void anUnusualVocabularyIsNotReplacedByClips() throws IOException {
        Checkpoint model = Checkpoint.open(Path.of("src/test/resources/golden/models/sd2"));
        Path file = folder.resolve("model.safetensors");
        SingleFileWriter.write(model, file, DType.F32, Map.of());
        Checkpoint single = Checkpoint.open(file);
        assertThatThrownBy(() -> TokenizerFolders.of(single).write(Component.TEXT_ENCODER, folder.resolve("tokenizer")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("has 714 tokens where CLIP's vocabulary has 49408")
                .hasMessageContaining("put the model's tokenizer/ folder beside it");
        assertThat(folder.resolve("tokenizer")).doesNotExist();
    }
}
