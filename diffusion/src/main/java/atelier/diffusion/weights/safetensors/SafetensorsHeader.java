package atelier.diffusion.weights.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors header: names to types, shapes and byte ranges, with the file's metadata. The rules are those of the
 * format's own library: ranges in order without gap or overlap that cover the file's rest exactly, sizes that agree
 * with shapes, unsigned integers that do not overflow. Stricter in two points: a name that occurs twice is refused
 * (readers would disagree about its meaning), and a tensor's entry must be an object.
 *
 * @param metadata the {@code __metadata__} strings, in the file's order
 * @param tensors entries in the order of their bytes
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> tensors) {
    /** The library's own bound on the header's length. */
    static final long MAX_LENGTH = 100_000_000;

    private static final int MAX_DEPTH = 127;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength((int) MAX_LENGTH)
                    .maxNameLength((int) MAX_LENGTH)
                    .build())
            .build();

    /**
     * One tensor's place.
     *
     * @param begin first byte, counted from the end of the header
     * @param end the byte after the last
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

    /** The header cannot be accepted; the message says why. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /**
     * @param header the header's bytes, without the eight that give its length
     * @param dataLength bytes that follow it in the file
     */
    static SafetensorsHeader parse(ByteBuffer header, long dataLength) throws Malformed {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("its header is not UTF-8 text");
        }
        SafetensorsHeader parsed;
        try (JsonParser json = JSON.createParser(new StringReader(text))) {
            parsed = read(json);
        } catch (IOException e) {
            throw new Malformed("its header is not the expected JSON: " + firstLine(e));
        }
        parsed.checkRanges(dataLength);
        return parsed;
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no detail");
    }

    private static SafetensorsHeader read(JsonParser json) throws IOException, Malformed {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new Malformed("its header is not a JSON object");
        }
        Map<String, String> metadata = Map.of();
        List<Entry> tensors = new ArrayList<>();
        for (String name = name(json); name != null; name = name(json)) {
            JsonToken value = json.nextToken();
            if (name.equals("__metadata__")) {
                metadata = value == JsonToken.VALUE_NULL ? Map.of() : metadata(json);
            } else if (value == JsonToken.START_OBJECT) {
                tensors.add(entry(name, json));
            } else {
                throw new Malformed("the entry of '" + name + "' is not an object");
            }
        }
        if (json.nextToken() != null) {
            throw new Malformed("something follows the header's JSON object");
        }
        tensors.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return new SafetensorsHeader(metadata, tensors);
    }

    /** The next field's name, or null at the object's end. */
    private static @Nullable String name(JsonParser json) throws IOException, Malformed {
        String name = json.nextFieldName();
        return name == null ? null : wellFormed(name);
    }

    /** Lone surrogates, which JSON escapes can smuggle in, have no UTF-8 form. */
    private static String wellFormed(String text) throws Malformed {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new Malformed("its header holds half of a surrogate pair");
        }
        return text;
    }

    private static Map<String, String> metadata(JsonParser json) throws IOException, Malformed {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new Malformed("__metadata__ is not an object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String key = name(json); key != null; key = name(json)) {
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw new Malformed("__metadata__ maps '" + key + "' to something that is not a string");
            }
            metadata.put(key, wellFormed(json.getText()));
        }
        return metadata;
    }

    private static Entry entry(String name, JsonParser json) throws IOException, Malformed {
        DType dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        for (String field = name(json); field != null; field = name(json)) {
            json.nextToken();
            switch (field) {
                case "dtype" -> dtype = dtype(name, json);
                case "shape" -> shape = unsigned(name, json);
                case "data_offsets" -> offsets = unsigned(name, json);
                default -> json.skipChildren();
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw new Malformed("the entry of '" + name + "' lacks a dtype, a shape or two data_offsets");
        }
        return new Entry(
                name, dtype, shape.stream().mapToLong(Long::longValue).toArray(), offsets.get(0), offsets.get(1));
    }

    private static DType dtype(String name, JsonParser json) throws IOException, Malformed {
        String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
        Optional<DType> dtype = Stream.of(DType.values())
                .filter(known -> known.name().equals(text))
                .findFirst();
        return dtype.orElseThrow(() -> new Malformed("'" + name + "' has the unknown dtype '" + text + "'"));
    }

    private static List<Long> unsigned(String name, JsonParser json) throws IOException, Malformed {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new Malformed("'" + name + "' has a " + json.currentName() + " that is not an array");
        }
        List<Long> values = new ArrayList<>(4);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            String text = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getText() : "-";
            if (text.startsWith("-") || text.length() > 19) {
                throw new Malformed(
                        "'" + name + "' has a dimension or offset that is not an unsigned integer: " + text);
            }
            try {
                values.add(Long.parseLong(text));
            } catch (NumberFormatException overflow) {
                throw new Malformed("'" + name + "' has a dimension or offset beyond 2^63: " + text);
            }
        }
        return values;
    }

    private void checkRanges(long dataLength) throws Malformed {
        long start = 0;
        for (Entry entry : tensors) {
            if (entry.begin() != start || entry.end() < entry.begin()) {
                throw new Malformed("'" + entry.name() + "' lies at bytes " + entry.begin() + " to " + entry.end()
                        + ", where byte " + start + " must be next: ranges may not overlap nor leave gaps");
            }
            long size = DType.byteSize(entry.dtype(), entry.shape());
            if (size < 0) {
                throw new Malformed("'" + entry.name() + "' " + entry.dtype() + " " + TensorView.describe(entry.shape())
                        + " overflows or does not fill whole bytes");
            }
            if (size != entry.end() - entry.begin()) {
                throw new Malformed("'" + entry.name() + "' " + entry.dtype() + " "
                        + TensorView.describe(entry.shape()) + " takes " + size + " bytes, its range has "
                        + (entry.end() - entry.begin()));
            }
            start = entry.end();
        }
        if (start != dataLength) {
            throw new Malformed("its tensors cover " + start + " bytes, the file holds " + dataLength);
        }
    }
}
