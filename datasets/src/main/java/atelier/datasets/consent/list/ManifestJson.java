package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A manifest of one JSON object a line; blank lines are passed over. */
final class ManifestJson {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(16).build())
            .build();

    private final Path file;
    private final Entries entries = new Entries();

    ManifestJson(Path file) {
        this.file = file;
    }

    long read(DigestedLines lines, KeySink sink) throws IOException {
        long count = 0;
        while (true) {
            try {
                String line = lines.next();
                if (line == null) {
                    return count;
                }
                if (!line.isBlank()) {
                    parse(line, lines.number()).keys(sink);
                    count++;
                }
            } catch (MalformedException e) {
                throw OptOutManifest.broken(file, lines.number(), String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** @throws MalformedException when the line is no entry */
    OptOutEntry parse(String line, long number) throws IOException {
        entries.clear();
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedException("an entry is a JSON object, {\"kind\": ..., \"value\": ...}");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                Entries.Field field = Entries.field(json.currentName());
                json.nextToken();
                put(field, json);
            }
            if (json.nextToken() != null) {
                throw new MalformedException("something follows the entry on its line; one object a line");
            }
        } catch (JsonProcessingException e) {
            throw new MalformedException("no JSON: " + e.getOriginalMessage(), e);
        }
        return entries.entry(number);
    }

    private void put(Entries.Field field, JsonParser json) throws IOException {
        @Nullable JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (field == Entries.Field.OWN) {
            json.skipChildren();
        } else if (field == Entries.Field.ALIASES && token == JsonToken.START_ARRAY) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.VALUE_STRING) {
                    throw new MalformedException("aliases is a list of texts");
                }
                entries.put(field, json.getText());
            }
        } else if (token != null && token.isScalarValue()) {
            checkType(field, token);
            entries.put(field, json.getText());
        } else {
            throw new MalformedException(json.currentName() + " must be a single value");
        }
    }

    private static void checkType(Entries.Field field, JsonToken token) {
        boolean text = token == JsonToken.VALUE_STRING;
        if ((field == Entries.Field.VALUE || field == Entries.Field.KIND || field == Entries.Field.ALIASES) && !text) {
            throw new MalformedException(field.name().toLowerCase(java.util.Locale.ROOT) + " must be a text");
        }
    }
}
