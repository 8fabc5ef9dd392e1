package atelier.studio.server;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Bodies of requests, read up to a limit. */
public final class Bodies {
    private static final int DEPTH = 32;
    /** A picture in base64 is one text. */
    private static final int LONGEST_TEXT = 64 << 20;

    private static final JsonMapper JSON = reader();

    private Bodies() {}

    private static JsonMapper reader() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEPTH)
                        .maxStringLength(LONGEST_TEXT)
                        .build());
        return mapper;
    }

    /**
     * A body's bytes.
     *
     * @throws ContentTooLargeResponse when there are more
     */
    public static byte[] bytes(Context context, long most) throws IOException {
        try (InputStream body = context.req().getInputStream()) {
            if (context.req().getContentLengthLong() > most) {
                // A client that still sends would not read the answer. What is too large for any path never gets here.
                body.transferTo(OutputStream.nullOutputStream());
                throw tooLarge(most);
            }
            byte[] bytes = body.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, most + 1));
            if (bytes.length > most) {
                throw tooLarge(most);
            }
            return bytes;
        }
    }

    private static ContentTooLargeResponse tooLarge(long most) {
        return new ContentTooLargeResponse("the body: it is larger than " + most + " bytes; send less");
    }

    /**
     * A JSON object; an empty body is an empty object.
     *
     * @param most bytes
     * @throws WrongCommandException when it is none
     */
    public static JsonNode json(Context context, long most) throws IOException {
        byte[] bytes = bytes(context, most);
        if (bytes.length == 0) {
            return JSON.createObjectNode();
        }
        JsonNode node;
        try {
            node = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new WrongCommandException("the body", "it is not JSON: " + e.getOriginalMessage(), "send an object");
        }
        if (node == null || !node.isObject()) {
            throw new WrongCommandException("the body", "it is not a JSON object", "send one");
        }
        return node;
    }

    /** A JSON object of at most a MiB. */
    public static JsonNode json(Context context) throws IOException {
        return json(context, 1 << 20);
    }
}
