package atelier.common.file;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table of separated values, as spreadsheets and programs write them: lines end in LF, CR LF or CR; a value
 * in quotes may hold separators, line ends and doubled quotes. A quote that is not closed, or that text follows, makes
 * that row faulty and its values those between separators; reading goes on with the next line.
 */
public final class TableRows {
    /** A value in quotes is not longer: an unclosed quote would otherwise take the rest of a large table into memory. */
    private static final int MAX_QUOTED = 1 << 20;

    private static final int NONE = -1;
    private static final Pattern SEP = Pattern.compile("\"?(?i:sep)=.?\"?");

    private final Reader in;
    private char[] buffer = new char[1 << 13];
    private int at;
    private int limit;
    private boolean ended;
    private long line = 1;
    private char separator = ',';
    private boolean literalQuotes;

    /** @param in the text; the caller closes it */
    public TableRows(Reader in) {
        this.in = in;
    }

    /**
     * @param values as they stand, without their quotes
     * @param line the line that the row begins on, from 1
     * @param misquoted whether a quote in it is neither closed at the value's end nor doubled
     */
    public record Row(List<String> values, long line, boolean misquoted) {}

    /**
     * Takes up the separator that a first line {@code sep=;} names, which spreadsheets write and heed, or else the first of
     * those given under which the header fits.
     *
     * @param separators the likeliest first, which is taken where none fits
     * @param fits whether these are the header's columns
     */
    public void findSeparator(String separators, Predicate<List<String>> fits) throws IOException {
        String head = lookAhead();
        if (SEP.matcher(head.strip()).matches()) {
            skipLine();
            String rest = head.substring(head.indexOf('=') + 1);
            separatedBy(rest.isEmpty() ? '\t' : rest.charAt(0));
            return;
        }
        for (int i = 0; i < separators.length(); i++) {
            char candidate = separators.charAt(i);
            TableRows one = new TableRows(new StringReader(head));
            one.separatedBy(candidate);
            Row row = one.next();
            if (row != null && fits.test(row.values())) {
                separatedBy(candidate);
                return;
            }
        }
        separatedBy(separators.charAt(0));
    }

    /** Tables that tabs separate often quote nothing: a quote that is not closed at a value's end is a letter in them. */
    private void separatedBy(char mark) {
        separator = mark;
        literalQuotes = mark == '\t';
    }

    /** The line at hand, which is not read by it. */
    private String lookAhead() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; !isEnd(peek(i)) && i < MAX_QUOTED; i++) {
            text.append((char) peek(i));
        }
        return text.toString();
    }

    /** Leaves out the line at hand. */
    private void skipLine() throws IOException {
        while (!isEnd(peek(0))) {
            at++;
        }
        endLine();
    }

    /** The next row that is not blank throughout, or null after the last. */
    public @Nullable Row next() throws IOException {
        while (peek(0) != NONE) {
            Row row = row();
            if (row.values().stream().anyMatch(value -> !value.isBlank())) {
                return row;
            }
        }
        return null;
    }

    private Row row() throws IOException {
        long begin = line;
        List<String> values = new ArrayList<>();
        boolean misquoted = false;
        while (true) {
            String value = quoted();
            if (value == null) {
                misquoted |= !literalQuotes && isQuote();
                value = plain();
            }
            values.add(value);
            if (peek(0) != separator) {
                endLine();
                return new Row(values, begin, misquoted);
            }
            at++;
        }
    }

    private String plain() throws IOException {
        int length = 0;
        while (peek(length) != separator && !isEnd(peek(length))) {
            length++;
        }
        String value = new String(buffer, at, length);
        at += length;
        return value;
    }

    /** A value in quotes and the blanks around it; null, with nothing read, where it is none. */
    private @Nullable String quoted() throws IOException {
        if (!isQuote()) {
            return null;
        }
        StringBuilder value = new StringBuilder();
        int lines = 0;
        int i = blanks(0) + 1;
        while (value.length() <= MAX_QUOTED) {
            int c = peek(i++);
            if (c == NONE) {
                return null;
            } else if (c != '"') {
                boolean crlf = c == '\r' && peek(i) == '\n';
                lines += (c == '\n' || c == '\r') && !crlf ? 1 : 0;
                if (!crlf) {
                    value.append(c == '\r' ? '\n' : (char) c);
                }
            } else if (peek(i) == '"') {
                value.append('"');
                i++;
            } else {
                i = blanks(i);
                if (peek(i) != separator && !isEnd(peek(i))) {
                    return null;
                }
                at += i;
                line += lines;
                return value.toString();
            }
        }
        return null;
    }

    private boolean isQuote() throws IOException {
        return peek(blanks(0)) == '"';
    }

    private int blanks(int from) throws IOException {
        int i = from;
        while (peek(i) == ' ') {
            i++;
        }
        return i;
    }

    private void endLine() throws IOException {
        if (peek(0) == '\r' && peek(1) == '\n') {
            at++;
        }
        if (peek(0) != NONE) {
            at++;
            line++;
        }
    }

    private static boolean isEnd(int c) {
        return c == NONE || c == '\n' || c == '\r';
    }

    /** The character that many places on, or NONE after the last. */
    private int peek(int places) throws IOException {
        while (at + places >= limit && !ended) {
            fill();
        }
        return at + places < limit ? buffer[at + places] : NONE;
    }

    private void fill() throws IOException {
        if (limit == buffer.length) {
            int left = limit - at;
            char[] wider = left > buffer.length / 2 ? new char[2 * buffer.length] : buffer;
            System.arraycopy(buffer, at, wider, 0, left);
            buffer = wider;
            limit = left;
            at = 0;
        }
        int n = in.read(buffer, limit, buffer.length - limit);
        ended = n < 0;
        limit += Math.max(0, n);
    }
}
