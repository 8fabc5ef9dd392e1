package atelier.cli.moving;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes another program's settings over: rules for keys that belong together first, then key by key after the table. */
final class Translator {
    private final ForeignSettings settings;
    private final KeyTable table;
    private final Translation result = new Translation();

    private Translator(ForeignSettings settings) {
        this.settings = settings;
        this.table = KeyTable.of(settings.program());
    }

    static Translation translate(ForeignSettings settings) throws IOException {
        Translator translator = new Translator(settings);
        Rules rules = switch (settings.program()) {
            case SD_SCRIPTS, KOHYA_SS -> new KohyaRules(settings, translator.result);
            case ONETRAINER -> new OneTrainerRules(settings, translator.result);
            case AI_TOOLKIT -> new AiToolkitRules(settings, translator.result);
            case SIMPLETUNER -> new SimpleTunerRules(settings, translator.result);
        };
        rules.before();
        translator.table();
        rules.after();
        Limits.apply(translator.result);
        translator.account();
        return translator.result;
    }

    private void table() {
        for (KeyTable.Row row : table.rows()) {
            JsonNode value = settings.raw(row.key());
            if (value != null
                    && !value.isNull()
                    && !(value.isTextual() && value.asText().isBlank())) {
                given(row, text(value));
            } else if (!row.otherwise().isEmpty()) {
                byDefault(row);
            }
        }
    }

    private void given(KeyTable.Row row, String value) {
        switch (row.how()) {
            case SAME -> result.put(row.ours(), value, row.remark(), row.key());
            case MAP -> mapped(row, value, true);
            case NONE -> {
                if (isOff(value)) {
                    result.unneeded(row.key(), value, "off");
                } else {
                    result.without(row.key(), value, row.remark());
                }
            }
            case UNNEEDED -> result.unneeded(row.key(), value, row.remark());
            case RULE -> {
                // In code.
            }
        }
    }

    /** The program's own default, where nothing else has set the key. */
    private void byDefault(KeyTable.Row row) {
        if (result.has(row.ours())) {
            return;
        }
        String remark = "default of " + row.key() + " in " + settings.program().title();
        switch (row.how()) {
            case SAME -> result.put(row.ours(), row.otherwise(), remark);
            case MAP -> mapped(row, row.otherwise(), false);
            case NONE, UNNEEDED, RULE -> {
                // Not a value of ours.
            }
        }
    }

    private void mapped(KeyTable.Row row, String value, boolean given) {
        String ours = row.values().get(value);
        if (ours == null) {
            ours = row.values().get(value.toLowerCase(Locale.ROOT));
        }
        String remark = given
                ? row.remark()
                : "default of " + row.key() + " in " + settings.program().title();
        if (ours == null) {
            result.without(
                    row.key(),
                    value,
                    "known are " + String.join(", ", row.values().keySet()));
        } else if (!ours.isEmpty()) {
            if (given) {
                result.put(row.ours(), ours, remark, row.key());
            } else {
                result.put(row.ours(), ours, remark);
            }
        } else if (given) {
            result.unneeded(row.key(), value, "as it is here");
        }
    }

    /** Keys that no table knows, and those that a rule has read without a line of their own. */
    private void account() {
        Set<String> told = new LinkedHashSet<>(result.told());
        for (String key : settings.keys()) {
            if (told.contains(key)) {
                continue;
            }
            String value = text(settings.raw(key));
            KeyTable.Row row = table.find(key);
            if (row == null) {
                result.without(key, value, "not known here");
            } else {
                result.unneeded(key, value, value.isEmpty() || isOff(value) ? "not set" : "decided by keys above");
            }
        }
    }

    private static boolean isOff(String value) {
        return value.isEmpty()
                || value.equals("0")
                || value.equals("0.0")
                || value.equalsIgnoreCase("false")
                || value.equalsIgnoreCase("none")
                || value.equals("[]")
                || value.equals("{}");
    }

    static String text(@Nullable JsonNode value) {
        return value == null || value.isNull() ? "" : value.isValueNode() ? value.asText() : value.toString();
    }
}
