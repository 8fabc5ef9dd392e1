package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.common.error.RefusedException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file of one JSON object a line, whole or not at all. */
public final class JsonLines {
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonLines() {}

    /** Takes one object; throws MalformedException when it is not as it must be. */
    public interface Handler {
        void object(JsonNode object, long line);
    }

    /**
     * Hands over every object.
     *
     * @param key the key of the configuration that names the file, for messages
     * @throws RefusedException naming file and line when the file is missing or broken somewhere
     */
    public static ListDigest read(Path file, String key, Handler handler) {
        long count = 0;
        try (DigestedLines lines = new DigestedLines(file)) {
            while (true) {
                try {
                    String line = lines.next();
                    if (line == null) {
                        return new ListDigest(file.toString(), lines.sha256(), count);
                    }
                    if (!line.isBlank()) {
                        handler.object(object(line), lines.number());
                        count++;
                    }
                } catch (MalformedException e) {
                    throw OptOutManifest.broken(file, lines.number(), String.valueOf(e.getMessage()), e);
                }
            }
        } catch (NoSuchFileException e) {
            throw new RefusedException(file + " does not exist; restore it, or take it out of " + key, e);
        } catch (IOException e) {
            throw new RefusedException(file + " (" + key + ") cannot be read: " + e.getMessage(), e);
        }
    }

    private static JsonNode object(String line) throws IOException {
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.isObject()) {
                throw new MalformedException("the line is no JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new MalformedException("no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
