package atelier.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipTokenizerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path SMALL = GOLDEN.resolve("models/sd2/tokenizer");

    @TempDir
    Path folder;

    private static void agree(ClipTokenizer tokenizer, String key) throws IOException {
        List<String> lines = Files.readAllLines(GOLDEN.resolve("tokenizer/captions.jsonl"));
        assertThat(lines).hasSizeGreaterThan(300);
        for (String line : lines) {
            JsonNode row = JSON.readTree(line);
            int[] expected = new int[tokenizer.maxLength()];
            JsonNode ids = row.get(key);
            Arrays.fill(expected, ids.get(ids.size() - 1).asInt());
            for (int i = 0; i < ids.size(); i++) {
                expected[i] = ids.get(i).asInt();
            }
            String text = row.get("text").asText();
            assertThat(tokenizer.encode(text))
                    .as("%s of %s", key, row.get("text"))
                    .isEqualTo(expected);
        }
    }

    @Test
    void oddCaptionsGiveTheIdsOfClipsTokenizer() throws IOException {
        agree(ClipTokenizer.bundled("<|endoftext|>"), "clip");
    }

    @Test
    void anExclamationMarkThatPadsIsCutOutOfTheText() throws IOException {
        agree(ClipTokenizer.bundled("!"), "openClip");
    }

    @Test
    void aTrimmedVocabularyGivesTheIdsOfClipsTokenizer() throws IOException {
        agree(ClipTokenizer.open(SMALL), "small");
    }

    @Test
    void tokenizerJsonAloneGivesTheSameIds() throws IOException {
        ObjectNode whole = JSON.createObjectNode();
        ObjectNode model = whole.putObject("model");
        model.set("vocab", JSON.readTree(SMALL.resolve("vocab.json").toFile()));
        List<String> merges = Files.readAllLines(SMALL.resolve("merges.txt"));
        merges.subList(1, merges.size())
                .forEach(merge -> model.withArray("merges")
                        .addArray()
                        .add(merge.split(" ")[0])
                        .add(merge.split(" ")[1]));
        JSON.writeValue(folder.resolve("tokenizer.json").toFile(), whole);
        Files.copy(SMALL.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
        agree(ClipTokenizer.open(folder), "small");
    }

    @Test
    void specialTokensMapDecidesThePaddingAsInStableDiffusion2() throws IOException {
        for (String name : List.of("vocab.json", "merges.txt")) {
            Files.copy(SMALL.resolve(name), folder.resolve(name));
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"pad_token\": \"<|endoftext|>\", \"model_max_length\": 24}");
        assertThat(ClipTokenizer.open(folder).paddingId())
                .isEqualTo(ClipTokenizer.open(folder).endId());
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"!\"}}");
        ClipTokenizer tokenizer = ClipTokenizer.open(folder);
        assertThat(tokenizer.paddingId()).isZero();
        assertThat(tokenizer.maxLength()).isEqualTo(24);
        assertThat(tokenizer.encode("a")).hasSize(24).endsWith(0, 0, 0);
    }

    @Test
    void theBundledVocabularyIsClips() {
        ClipTokenizer clip = ClipTokenizer.bundled("<|endoftext|>");
        assertThat(clip.beginningId()).isEqualTo(49_406);
        assertThat(clip.endId()).isEqualTo(49_407);
        assertThat(clip.words("a photo of a cat")).containsExactly(320, 1125, 539, 320, 2368);
        assertThat(clip.words("A  photo of\na CAT!")).containsExactly(320, 1125, 539, 320, 2368, 256);
    }

    @Test
    void theWrittenVocabularyIsReadAsTheSame() throws IOException {
        TokenizerFolders.write(VocabularyFiles.bundled("!"), folder.resolve("tokenizer"));
        ClipTokenizer read = ClipTokenizer.open(folder.resolve("tokenizer"));
        assertThat(read.endId()).isEqualTo(49_407);
        assertThat(read.paddingId()).isZero();
        agree(read, "openClip");
    }

    @Test
    void aFolderWithoutAVocabularyIsRefusedWithTheRemedy() {
        assertThatThrownBy(() -> ClipTokenizer.open(folder))
                .hasMessageContaining("neither vocab.json with merges.txt nor tokenizer.json")
                .hasMessageContaining("copy the tokenizer's files");
    }
}
