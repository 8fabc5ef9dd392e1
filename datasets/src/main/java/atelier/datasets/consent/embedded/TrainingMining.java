package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The training and data mining assertion of C2PA and CAWG:
 * {@code {"entries": {"cawg.ai_generative_training": {"use": "notAllowed"}}}}.
 *
 * <p>Any entry whose use is not {@code allowed} objects: {@code constrained} needs an agreement that is not at hand, and
 * inference is part of training here, since pictures go through trained encoders. Signatures are not verified: an
 * objection is an unverified claim, and honoured as one.
 *
 * <p>Source: CAWG Training and Data Mining Assertion 1.1; C2PA Specification 1.4, section 18.17.
 */
final class TrainingMining {
    private static final Pattern LABEL = Pattern.compile("(cawg|c2pa)\\.training-mining(\\.v\\d+)?(__\\d+)?");
    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(64)
            .maxStringLength(1 << 20)
            .build();
    private static final ObjectMapper CBOR =
            new ObjectMapper(CBORFactory.builder().streamReadConstraints(LIMITS).build());
    private static final ObjectMapper JSON = new ObjectMapper(com.fasterxml.jackson.core.JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(LIMITS)
            .build());

    private TrainingMining() {}

    /**
     * What the assertions in a manifest store object to, one text an entry; empty when they allow everything or there
     * are none.
     *
     * @throws MalformedException when the store, or such an assertion, cannot be read
     */
    static List<String> objections(byte[] store) {
        List<String> objections = new ArrayList<>();
        for (Jumbf.Content content : Jumbf.contents(store)) {
            if (content.type().equals("brob")) {
                throw new MalformedException("the manifest store is compressed, which is not read");
            }
            if (LABEL.matcher(content.label()).matches()) {
                read(content, objections);
            }
        }
        return objections;
    }

    private static void read(Jumbf.Content content, List<String> objections) {
        @Nullable JsonNode root;
        try {
            root = switch (content.type()) {
                case "cbor" -> CBOR.readTree(content.data());
                case "json" -> JSON.readTree(content.data());
                case "c2sh" -> null; // the salt of the box's own digest
                default ->
                    throw new MalformedException(
                            content.label() + " is written as '" + content.type() + "', neither CBOR nor JSON");
            };
        } catch (IOException e) {
            throw new MalformedException(content.label() + " cannot be read: " + e.getMessage(), e);
        }
        if (root == null) {
            return;
        }
        JsonNode entries = root.path("entries");
        if (!entries.isObject()) {
            throw new MalformedException(content.label() + " has no entries");
        }
        for (Iterator<Map.Entry<String, JsonNode>> i = entries.fields(); i.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = i.next();
            JsonNode use = entry.getValue().isObject() ? entry.getValue().path("use") : entry.getValue();
            switch (use.asText("")) {
                case "allowed" -> {}
                case "notAllowed", "constrained" -> objections.add(entry.getKey() + " is " + use.asText());
                default ->
                    throw new MalformedException(
                            content.label() + " says nothing that is known about " + entry.getKey());
            }
        }
    }
}
