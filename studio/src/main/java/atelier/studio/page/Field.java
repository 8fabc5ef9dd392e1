package atelier.studio.page;

import atelier.studio.check.CommandForm;
import java.util.ArrayList;
import java.util.List;

/**
 * A setting as a field of a form.
 *
 * @param key the setting's key
 * @param label its plain name
 * @param meaning what it does
 * @param type its type in words
 * @param value its default as it stands in the field: empty for null
 * @param own the same where pictures of one's own are trained on
 * @param choices the values there are; empty where any may be written
 * @param digits whether a keyboard of digits suits
 * @param nullable whether an empty field means null
 */
public record Field(
        String key,
        String label,
        String meaning,
        String type,
        String value,
        String own,
        List<String> choices,
        boolean digits,
        boolean nullable) {
    private static final String NULL = "null";

    /**
     * A key's field.
     *
     * @param label its plain name
     * @param meaning what the label does not say yet
     */
    static Field of(CommandForm.Key key, String label, String meaning, String own) {
        boolean nullable = key.nullable();
        List<String> choices = new ArrayList<>(key.choices());
        if (choices.isEmpty() && key.type().startsWith("true | false")) {
            choices.addAll(List.of("true", "false"));
        }
        if (!choices.isEmpty() && nullable && !choices.contains(NULL)) {
            choices.add(0, "");
        }
        if (!choices.isEmpty() && key.auto()) {
            choices.add(0, "auto");
        }
        // A list of choices is written, as several may be named.
        boolean several = key.type().startsWith("list");
        return new Field(
                key.key(),
                label,
                meaning,
                key.auto() ? key.type() + ", or auto" : key.type(),
                written(key.value()),
                written(own),
                several ? List.of() : List.copyOf(choices),
                key.type().contains("number") && !several && !key.auto(),
                nullable);
    }

    private static String written(String value) {
        return value.equals(NULL) || value.equals("\"\"") ? "" : value;
    }

    /** The field's id on the page. */
    public String id() {
        return "f-" + key.replace('.', '-');
    }

    /** Where several lines may be needed. */
    public boolean isList() {
        return type.startsWith("list");
    }
}
