package atelier.diffusion.text;

import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.FolderWriter;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tokenizers for a model that is written as a folder: copies of the checkpoint's own, or CLIP's vocabulary where the
 * checkpoint is a single file, which carries none.
 */
public final class TokenizerFolders {
    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    private TokenizerFolders() {}

    public static FolderWriter.Tokenizers of(Checkpoint checkpoint) {
        FolderWriter.Tokenizers copied = FolderWriter.copied(checkpoint);
        return (encoder, folder) -> {
            if (checkpoint.tokenizer(encoder).isPresent()) {
                copied.write(encoder, folder);
            } else {
                write(bundled(checkpoint, encoder), folder);
            }
        };
    }

    /**
     * CLIP's vocabulary for an encoder whose checkpoint carries none.
     *
     * @throws WeightsException when the encoder has another number of tokens
     */
    static Vocabulary bundled(Checkpoint checkpoint, Component encoder) {
        Vocabulary vocabulary = VocabularyFiles.bundled(paddingToken(checkpoint, encoder));
        int clip = vocabulary.ids().size();
        int rows = checkpoint.component(encoder).config().path("vocab_size").asInt(clip);
        if (rows != clip) {
            throw new WeightsException(
                    checkpoint.source() + " carries no tokenizer, and its " + encoder.folder() + " has "
                            + rows + " tokens where CLIP's vocabulary has " + clip + "; put the model's "
                            + encoder.tokenizerFolder() + "/ folder beside it");
        }
        return vocabulary;
    }

    /** OpenCLIP's encoders, which run gelu, were trained with padding of zeros: the token {@code !}. */
    private static String paddingToken(Checkpoint checkpoint, Component encoder) {
        String activation =
                checkpoint.component(encoder).config().path("hidden_act").asText("quick_gelu");
        return activation.equals("quick_gelu") ? ClipText.END : "!";
    }

    /** Writes the four files that transformers' CLIPTokenizer reads. */
    static void write(Vocabulary vocabulary, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("vocab.json"), JSON.writeValueAsBytes(vocabulary.ids()));
        Files.writeString(
                folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", vocabulary.merges()) + "\n");
        Map<String, String> specials = new TreeMap<>(vocabulary.specials());
        Files.write(folder.resolve("special_tokens_map.json"), JSON.writeValueAsBytes(specials));
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.put("add_prefix_space", false).put("do_lower_case", true).put("errors", "replace");
        specials.forEach(config::put);
        config.put("model_max_length", vocabulary.maxLength()).put("tokenizer_class", "CLIPTokenizer");
        Files.write(folder.resolve("tokenizer_config.json"), JSON.writeValueAsBytes(config));
    }
}
