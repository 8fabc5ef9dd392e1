package atelier.studio.sdapi;

import atelier.cli.config.NearestNames;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The body of a txt2img or img2img request, whose every field is known, of its type, and supported. */
final class SdBody {
    private static final int WRONG = 422;

    private final ObjectNode body;

    private SdBody(ObjectNode body) {
        this.body = body;
    }

    /**
     * Checks a body by the table of {@link SdField}.
     *
     * @param picture whether it is img2img
     * @throws SdFault with 422, naming the field
     */
    static SdBody of(ObjectNode body, boolean picture) {
        SdBody checked = new SdBody(body);
        boolean mask = picture && checked.text(SdField.MASK).isPresent();
        boolean hires = !picture && checked.truth(SdField.ENABLE_HR, false);
        for (Iterator<Map.Entry<String, JsonNode>> fields = body.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> sent = fields.next();
            SdField field = SdField.of(sent.getKey()).orElseThrow(() -> unknown(sent.getKey()));
            if (sent.getValue().isNull()) {
                continue;
            }
            requireType(field, sent.getValue());
            boolean counts = switch (field.use()) {
                case TAKEN, HARMLESS -> false;
                case UNLESS -> true;
                case UNLESS_HIRES -> hires;
                case UNLESS_PICTURE -> picture;
                case UNLESS_MASK -> mask;
            };
            if (counts && !isNeutral(field, sent.getValue())) {
                throw refused(field, sent.getValue());
            }
        }
        if (!picture) {
            requireNone(checked, SdField.INIT_IMAGES);
            requireNone(checked, SdField.MASK);
        }
        return checked;
    }

    private static SdFault unknown(String name) {
        List<String> known = Arrays.stream(SdField.values()).map(SdField::key).toList();
        return new SdFault(
                WRONG,
                name,
                name + ": there is no such field; "
                        + NearestNames.question(name, known, "it would be ignored in silence, so leave it out"));
    }

    private static void requireNone(SdBody body, SdField field) {
        JsonNode value = body.value(field);
        boolean empty = value == null || (value.isTextual() ? value.textValue().isEmpty() : value.isEmpty());
        if (!empty) {
            throw new SdFault(WRONG, field.key(), field.key() + ": txt2img starts from no picture; send it to img2img");
        }
    }

    private static void requireType(SdField field, JsonNode value) {
        boolean fits = switch (field.type()) {
            case TEXT -> value.isTextual();
            case WHOLE -> value.isNumber() && isWhole(value);
            case NUMBER -> value.isNumber();
            case TRUTH -> value.isBoolean();
            case LIST -> value.isArray();
            case OBJECT -> value.isObject();
            case PICTURES -> value.isArray() && allTexts(value);
        };
        if (!fits) {
            throw new SdFault(
                    WRONG,
                    field.key(),
                    field.key() + ": it must be " + field.type().words() + ", got " + shortened(value));
        }
    }

    private static boolean isWhole(JsonNode value) {
        try {
            value.decimalValue().longValueExact();
            return true;
        } catch (ArithmeticException e) {
            return false;
        }
    }

    private static boolean allTexts(JsonNode list) {
        for (JsonNode each : list) {
            if (!each.isTextual()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNeutral(SdField field, JsonNode value) {
        if (field == SdField.ALWAYSON_SCRIPTS) {
            // Clients that know an extension send its entry with nothing in it.
            for (JsonNode script : value) {
                JsonNode arguments = script.path("args");
                boolean off = arguments.isEmpty()
                        || arguments.size() == 1 && arguments.get(0).equals(FALSE);
                if (!off) {
                    return false;
                }
            }
            return true;
        }
        if (value.isNumber()) {
            BigDecimal number = value.decimalValue();
            return field.neutral().stream().anyMatch(each -> new BigDecimal(each).compareTo(number) == 0);
        }
        String text = value.isTextual() ? value.textValue() : value.toString();
        return field.neutral().contains(text);
    }

    private static final JsonNode FALSE = BooleanNode.FALSE;

    private static SdFault refused(SdField field, JsonNode value) {
        String off = field.neutral().isEmpty()
                ? ""
                : field.neutral().get(field.neutral().size() - 1);
        String remedy = off.isEmpty() ? "leave it out" : "send " + field.key() + "=" + off + ", or leave it out";
        return new SdFault(
                WRONG,
                field.key(),
                field.key() + "=" + shortened(value) + ": " + field.meaning()
                        + " are not supported, and it would change" + " the picture; " + remedy);
    }

    private static String shortened(JsonNode value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }

    private @Nullable JsonNode value(SdField field) {
        JsonNode value = body.get(field.key());
        return value == null || value.isNull() ? null : value;
    }

    /** A text that is not empty. */
    Optional<String> text(SdField field) {
        JsonNode value = value(field);
        return Optional.ofNullable(value)
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(text -> !text.isEmpty());
    }

    Optional<Long> whole(SdField field) {
        return Optional.ofNullable(value(field))
                .map(value -> value.decimalValue().longValue());
    }

    Optional<Double> number(SdField field) {
        return Optional.ofNullable(value(field)).map(JsonNode::doubleValue);
    }

    boolean truth(SdField field, boolean otherwise) {
        JsonNode value = value(field);
        return value == null ? otherwise : value.asBoolean(otherwise);
    }

    /** The elements of a list, or the fields of an object. */
    JsonNode node(SdField field) {
        return body.path(field.key());
    }

    /** The body as the answer repeats it: without pictures. */
    ObjectNode repeated() {
        ObjectNode copy = body.deepCopy();
        for (SdField field : List.of(SdField.INIT_IMAGES, SdField.MASK)) {
            if (copy.has(field.key())) {
                copy.putNull(field.key());
            }
        }
        return copy;
    }
}
