package atelier.datasets.consent.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;

/** Jackson's own layout from texts that are encoded already: a ledger of a million pictures has eleven million fields. */
final class LedgerPrinter extends DefaultPrettyPrinter {
    private static final long serialVersionUID = 1;
    private static final SerializableString COLON = new SerializedString(" : ");
    private static final SerializableString COMMA = new SerializedString(",");

    LedgerPrinter() {
        indentObjectsWith(new Indent());
    }

    @Override
    public DefaultPrettyPrinter createInstance() {
        return new LedgerPrinter();
    }

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
        json.writeRaw(COLON);
    }

    @Override
    public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
        json.writeRaw(COMMA);
        _objectIndenter.writeIndentation(json, _nesting);
    }

    /** A line's end and two blanks a level. */
    private static final class Indent implements Indenter {
        private static final SerializableString[] LEVELS = new SerializableString[4];

        static {
            for (int level = 0; level < LEVELS.length; level++) {
                LEVELS[level] = new SerializedString(System.lineSeparator() + "  ".repeat(level));
            }
        }

        @Override
        public void writeIndentation(JsonGenerator json, int level) throws IOException {
            json.writeRaw(LEVELS[level]);
        }

        @Override
        public boolean isInline() {
            return false;
        }
    }
}
