package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.common.file.TextFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Reads a tokenizer's folder, in the forms in which transformers writes it. */
final class VocabularyFiles {
    private static final ObjectMapper JSON = JsonText.mapper();
    /** CLIP's vocabulary: 512 symbols of single bytes, one for each merge, the two special tokens. */
    private static final int MERGES = 49_152 - 256 - 2;

    private static final List<String> ROLES = List.of("bos_token", "eos_token", "unk_token", "pad_token");
    private static final String CLIP_MERGES = "clip-merges.txt.gz";
    private static final int CLIP_LENGTH = 77;

    private VocabularyFiles() {}

    static Vocabulary read(Path folder) throws IOException {
        JsonNode config = optional(folder.resolve("tokenizer_config.json"));
        Map<String, Integer> added = new LinkedHashMap<>();
        Map<String, Integer> ids;
        List<String> merges;
        Path vocab = folder.resolve("vocab.json");
        Path mergesFile = folder.resolve("merges.txt");
        Path whole = folder.resolve("tokenizer.json");
        if (Files.exists(vocab) && Files.exists(mergesFile)) {
            ids = ids(vocab, json(vocab));
            merges = merges(TextFile.read(mergesFile));
        } else if (Files.exists(whole)) {
            JsonNode root = json(whole);
            ids = ids(whole, root.path("model").path("vocab"));
            merges = new ArrayList<>();
            for (JsonNode merge : root.path("model").path("merges")) {
                merges.add(
                        merge.isArray()
                                ? merge.path(0).asText() + " " + merge.path(1).asText()
                                : merge.asText());
            }
            root.path("added_tokens")
                    .forEach(token -> added.put(content(token), token.path("id").asInt()));
        } else {
            throw new WrongCommandException(folder + " has neither vocab.json with merges.txt nor tokenizer.json;"
                    + " copy the tokenizer's files from the model's source");
        }
        optional(folder.resolve("added_tokens.json"))
                .fields()
                .forEachRemaining(
                        token -> added.put(token.getKey(), token.getValue().asInt()));
        config.path("added_tokens_decoder")
                .fields()
                .forEachRemaining(token -> added.put(content(token.getValue()), Integer.parseInt(token.getKey())));
        double length = config.path("model_max_length").asDouble(CLIP_LENGTH);
        // transformers writes 1e30 for "not stated".
        int maxLength = length > 1 << 20 ? CLIP_LENGTH : (int) length;
        return new Vocabulary(ids, merges, specials(folder, config), added, maxLength);
    }

    /** special_tokens_map.json is heard over tokenizer_config.json, unless the newer form lists the added tokens. */
    private static Map<String, String> specials(Path folder, JsonNode config) throws IOException {
        JsonNode map = config.has("added_tokens_decoder")
                ? JSON.createObjectNode()
                : optional(folder.resolve("special_tokens_map.json"));
        Map<String, String> specials = new HashMap<>();
        for (String role : ROLES) {
            String usual = role.equals("bos_token") ? ClipText.BEGINNING : ClipText.END;
            JsonNode stated = map.hasNonNull(role) ? map.get(role) : config.path(role);
            specials.put(role, stated.isMissingNode() || stated.isNull() ? usual : content(stated));
        }
        return specials;
    }

    /** A token is written as text, or as an object with more about it. */
    private static String content(JsonNode token) {
        return token.isObject() ? token.path("content").asText() : token.asText();
    }

    private static Map<String, Integer> ids(Path file, JsonNode vocab) {
        if (!vocab.isObject() || vocab.isEmpty()) {
            throw new WrongCommandException(file + " holds no vocabulary; copy it from the model's source");
        }
        Map<String, Integer> ids = new HashMap<>();
        vocab.fields()
                .forEachRemaining(
                        entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        return ids;
    }

    /** The first line says the version; CLIP stops reading where its vocabulary is full. */
    private static List<String> merges(String text) {
        return text.strip()
                .lines()
                .skip(1)
                .limit(MERGES)
                .map(line -> line.strip().replaceAll("\\s+", " "))
                .toList();
    }

    private static JsonNode optional(Path file) throws IOException {
        return Files.exists(file) ? json(file) : JSON.createObjectNode();
    }

    private static JsonNode json(Path file) throws IOException {
        try {
            return JSON.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new WrongCommandException(
                    file + " is not JSON: " + e.getOriginalMessage() + "; copy it from the model's source", e);
        }
    }

    static Vocabulary bundled(String paddingToken) {
        List<String> merges = merges(bundledMerges());
        Map<String, Integer> ids = new LinkedHashMap<>();
        BytePairs.singles().forEach(symbol -> ids.put(symbol, ids.size()));
        merges.forEach(merge -> ids.put(merge.replace(" ", ""), ids.size()));
        ids.put(ClipText.BEGINNING, ids.size());
        ids.put(ClipText.END, ids.size());
        Map<String, String> specials = Map.of(
                "bos_token", ClipText.BEGINNING,
                "eos_token", ClipText.END,
                "unk_token", ClipText.END,
                "pad_token", paddingToken);
        return new Vocabulary(ids, merges, specials, Map.of(), CLIP_LENGTH);
    }

    private static String bundledMerges() {
        try (InputStream in = VocabularyFiles.class.getResourceAsStream(CLIP_MERGES)) {
            if (in == null) {
                throw new IllegalStateException(CLIP_MERGES + " is missing beside " + VocabularyFiles.class);
            }
            return new String(new GZIPInputStream(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
