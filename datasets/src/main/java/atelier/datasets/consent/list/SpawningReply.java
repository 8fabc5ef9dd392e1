package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.common.file.TextFile;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply of the Spawning registry, saved to a file: {@code {"urls": [{"url": "...", "optOut": true}]}}. Each element
 * must say both; an address whose {@code optOut} is true is opted out. Other keys are passed over.
 */
final class SpawningReply {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build();

    private final Path file;

    SpawningReply(Path file) {
        this.file = file;
    }

    long read(DigestedLines lines, KeySink sink) throws IOException {
        try (JsonParser json = JSON.createParser(TextFile.reader(lines.stream()))) {
            json.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
            try {
                return read(json, sink);
            } catch (JsonProcessingException e) {
                long line = e.getLocation() == null
                        ? 1
                        : Math.max(1, e.getLocation().getLineNr());
                throw OptOutManifest.broken(file, line, "no JSON: " + e.getOriginalMessage(), e);
            } catch (CharacterCodingException e) {
                throw OptOutManifest.broken(file, line(json), "it is not UTF-8 here or shortly after", e);
            } catch (MalformedException e) {
                throw OptOutManifest.broken(file, line(json), String.valueOf(e.getMessage()), e);
            }
        }
    }

    private static long read(JsonParser json, KeySink sink) throws IOException {
        require(json.nextToken() == JsonToken.START_OBJECT);
        boolean found = false;
        long count = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean urls = json.currentName().equals("urls");
            JsonToken value = json.nextToken();
            if (!urls) {
                json.skipChildren();
                continue;
            }
            require(value == JsonToken.START_ARRAY);
            found = true;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                count += element(json, sink);
            }
        }
        require(found && json.nextToken() == null);
        return count;
    }

    private static int element(JsonParser json, KeySink sink) throws IOException {
        require(json.currentToken() == JsonToken.START_OBJECT);
        long line = line(json);
        @Nullable String url = null;
        @Nullable Boolean optOut = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (name.equals("url") && value == JsonToken.VALUE_STRING) {
                url = json.getText();
            } else if (name.equals("optOut") && (value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE)) {
                optOut = value == JsonToken.VALUE_TRUE;
            } else if (name.equals("url") || name.equals("optOut")) {
                throw new MalformedException(name + " must be " + (name.equals("url") ? "a text" : "true or false"));
            } else {
                json.skipChildren();
            }
        }
        if (url == null || optOut == null) {
            throw new MalformedException("an element of urls must say both url and optOut");
        }
        if (optOut) {
            new OptOutEntry(line, EntryKind.URL, url, List.of(), false, -1).keys(sink);
        }
        return 1;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new MalformedException(
                    "this is no saved Spawning reply, {\"urls\": [{\"url\": ..., \"optOut\": ...}]}; a manifest of JSON"
                            + " objects, one a line, ends in .jsonl");
        }
    }

    private static long line(JsonParser json) {
        return Math.max(1, json.currentTokenLocation().getLineNr());
    }
}
