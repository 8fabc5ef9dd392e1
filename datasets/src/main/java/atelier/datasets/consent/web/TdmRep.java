package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The TDM Reservation Protocol: {@code tdm-reservation: 1} as a header or meta element reserves the rights to text and
 * data mining, and so does the first entry of {@code /.well-known/tdmrep.json} whose location matches the path. Values
 * other than 0 and 1 count as unset. Where header, meta element and file differ, any reservation holds.
 *
 * <p>Source: TDM Reservation Protocol, final community group report, W3C, 2024.
 */
final class TdmRep {
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(64).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final List<Entry> entries;

    private record Entry(String location, PathPattern pattern, boolean reserved) {}

    private TdmRep(List<Entry> entries) {
        this.entries = entries;
    }

    /** @throws MalformedException when the file is no list of entries with a location each */
    static TdmRep parse(byte[] json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (IOException e) {
            throw new MalformedException(
                    "it is no JSON: " + String.valueOf(e.getMessage()).split("\n", 2)[0], e);
        }
        if (!root.isArray()) {
            throw new MalformedException("it is no list of entries");
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode node : root) {
            if (!node.path("location").isTextual()) {
                throw new MalformedException("entry " + (entries.size() + 1) + " has no location");
            }
            String location = node.path("location").asText();
            entries.add(new Entry(
                    location,
                    new PathPattern(location),
                    reserves(node.path("tdm-reservation").asText(""))));
        }
        return new TdmRep(entries);
    }

    /** What the first entry that matches the path says, or null when it reserves nothing. */
    @Nullable
    Signal signal(String path) {
        for (Entry entry : entries) {
            if (entry.pattern().matches(path)) {
                return entry.reserved()
                        ? new Signal(Signal.Protocol.TDMREP, "tdmrep.json reserves '" + entry.location() + "'", 0)
                        : null;
            }
        }
        return null;
    }

    /** What a header, or a meta element of that name, says. */
    static @Nullable Signal value(String value) {
        return reserves(value) ? new Signal(Signal.Protocol.TDMREP, "'tdm-reservation: 1'", 0) : null;
    }

    private static boolean reserves(String value) {
        return value.strip().equals("1");
    }
}
