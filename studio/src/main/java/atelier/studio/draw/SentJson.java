package atelier.studio.draw;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON object that a program sent, of a bounded length. */
public final class SentJson {
    /** Bytes; the pictures in it are base64, a third longer than their files. */
    public static final int MOST = 96 << 20;

    private static final int DEPTH = 32;
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MOST)
                    .maxNestingDepth(DEPTH)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private SentJson() {}

    /** Thrown where the body is longer than the bound. */
    public static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public TooLongException(long most) {
            super("the body is longer than " + most + " bytes");
        }
    }

    /**
     * Reads it.
     *
     * @throws WrongCommandException if it is no JSON object
     * @throws TooLongException if it is too long
     */
    public static ObjectNode of(Context context) throws IOException {
        return of(bytes(context, MOST));
    }

    static ObjectNode of(byte[] body) throws IOException {
        JsonNode node;
        try {
            node = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new WrongCommandException("the body", "it is not JSON (" + e.getOriginalMessage() + ")", "");
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new WrongCommandException("the body", "it is no JSON object", "write {\"prompt\": \"a fox\"}");
    }

    /**
     * The bytes of a body.
     *
     * @throws TooLongException if there are more than {@code most}
     */
    public static byte[] bytes(Context context, int most) throws IOException {
        try (InputStream in = context.bodyInputStream()) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new TooLongException(most);
            }
            return bytes;
        }
    }

    /** A value as Java's own: text, number, truth, list, map or null. */
    public static @Nullable Object plain(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        } else if (value.isIntegralNumber()) {
            return value.canConvertToLong() ? (Object) value.longValue() : value.bigIntegerValue().doubleValue();
        } else if (value.isNumber()) {
            BigDecimal number = value.decimalValue();
            return number.doubleValue();
        } else if (value.isBoolean()) {
            return value.booleanValue();
        } else if (value.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            value.forEach(each -> list.add(plain(each)));
            return list;
        } else if (value.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            value.fields().forEachRemaining(each -> map.put(each.getKey(), plain(each.getValue())));
            return map;
        }
        return null;
    }
}
