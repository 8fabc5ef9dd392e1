package atelier.datasets.consent.ledger;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Rows of text on their way to a stream, each encoded as a whole: a writer takes a lock for each field. */
final class TextRows implements Appendable {
    private static final int USUAL = 512;

    private final OutputStream out;
    private StringBuilder row = new StringBuilder(USUAL);

    TextRows(OutputStream out) {
        this.out = out;
    }

    @Override
    public TextRows append(CharSequence text) {
        row.append(text);
        return this;
    }

    @Override
    public TextRows append(CharSequence text, int from, int to) {
        // Whole texts are copied at once, parts of them character by character.
        if (from == 0 && to == text.length()) {
            row.append(text);
        } else {
            row.append(text, from, to);
        }
        return this;
    }

    @Override
    public TextRows append(char character) {
        row.append(character);
        return this;
    }

    /** Hands the row over. */
    void end() throws IOException {
        out.write(row.toString().getBytes(StandardCharsets.UTF_8));
        // A new one: a builder that has held one wide character keeps all of them wide.
        row = new StringBuilder(USUAL);
    }
}
