package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.common.file.TextFile;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** A manifest as a table with a header; aliases are separated by {@code |}, empty values say nothing. */
final class ManifestCsv {
    private static final int MAX_RECORD = 1 << 20;
    private static final int HEAD = 1 << 13;

    private final Path file;
    private final char delimiter;
    private final Entries entries = new Entries();

    ManifestCsv(Path file, char delimiter) {
        this.file = file;
        this.delimiter = delimiter;
    }

    long read(DigestedLines lines, KeySink sink) throws IOException {
        BufferedReader utf8 = new BufferedReader(TextFile.reader(lines.stream()), HEAD);
        LimitedReader reader = new LimitedReader(utf8);
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(separator(utf8))
                .setIgnoreEmptyLines(true)
                .get();
        CSVParser parser =
                CSVParser.builder().setReader(reader).setFormat(format).get();
        Iterator<CSVRecord> rows = parser.iterator();
        long line = 1;
        long count = 0;
        try {
            CSVRecord head = next(rows, 1);
            if (head == null) {
                return 0;
            }
            List<Entries.Field> columns = header(head);
            while (true) {
                line = parser.getCurrentLineNumber() + 1;
                reader.recordEnded();
                CSVRecord row = next(rows, line);
                if (row == null) {
                    return count;
                }
                line = Math.max(line, parser.getCurrentLineNumber() - lineEnds(row));
                parse(row, columns, line).keys(sink);
                count++;
            }
        } catch (MalformedException e) {
            throw OptOutManifest.broken(file, line, String.valueOf(e.getMessage()), e);
        }
    }

    /** The one that the file's name promises, or that of the spreadsheet that wrote it, which shows in the header. */
    private char separator(BufferedReader in) throws IOException {
        char[] head = new char[HEAD];
        in.mark(HEAD);
        int length;
        try {
            length = Math.max(0, in.read(head));
        } catch (CharacterCodingException e) {
            return delimiter; // the rows' reader meets it again and says where
        } finally {
            in.reset();
        }
        String header = new String(head, 0, length).split("[\r\n]", 2)[0];
        for (char each : new char[] {delimiter, ';', '\t', ','}) {
            List<String> names = Stream.of(header.split(Pattern.quote(String.valueOf(each))))
                    .map(name -> name.strip().replace("\"", ""))
                    .toList();
            if (names.contains("kind") && names.contains("value")) {
                return each;
            }
        }
        return delimiter;
    }

    private @Nullable CSVRecord next(Iterator<CSVRecord> rows, long line) {
        try {
            return rows.hasNext() ? rows.next() : null;
        } catch (UncheckedIOException | IllegalStateException e) {
            throw OptOutManifest.broken(file, line, fact(e), e);
        }
    }

    private static String fact(Exception e) {
        Exception cause = e instanceof UncheckedIOException io && io.getCause() != null ? io.getCause() : e;
        if (cause instanceof CharacterCodingException) {
            return "the table is not UTF-8 on this line or shortly after it";
        }
        return "the table cannot be read from here on: " + cause.getMessage();
    }

    private static List<Entries.Field> header(CSVRecord row) {
        List<Entries.Field> columns = new ArrayList<>();
        for (String name : row) {
            String clean = columns.isEmpty() && name.startsWith("\uFEFF") ? name.substring(1) : name;
            Entries.Field field = Entries.field(clean.strip());
            if (field != Entries.Field.OWN && columns.contains(field)) {
                throw new MalformedException("the header names '" + clean + "' twice");
            }
            columns.add(field);
        }
        if (!columns.contains(Entries.Field.KIND) || !columns.contains(Entries.Field.VALUE)) {
            throw new MalformedException("the header must name kind and value");
        }
        return columns;
    }

    private OptOutEntry parse(CSVRecord row, List<Entries.Field> columns, long line) {
        if (row.size() != columns.size()) {
            throw new MalformedException(
                    "the row has " + row.size() + " values where the header names " + columns.size());
        }
        entries.clear();
        for (int i = 0; i < row.size(); i++) {
            String text = row.get(i);
            if (text.isBlank()) {
                continue;
            }
            if (columns.get(i) == Entries.Field.ALIASES) {
                for (String alias : text.split("\\|", -1)) {
                    if (!alias.isBlank()) {
                        entries.put(Entries.Field.ALIASES, alias.strip());
                    }
                }
            } else {
                entries.put(columns.get(i), text);
            }
        }
        return entries.entry(line);
    }

    private static long lineEnds(CSVRecord row) {
        long ends = 0;
        for (String value : row) {
            ends += value.chars().filter(c -> c == '\n').count();
        }
        return ends;
    }

    /** A row that does not end: an unclosed quote would otherwise take the rest of a large list into memory. */
    private static final class RecordTooLong extends IOException {
        private static final long serialVersionUID = 1;

        RecordTooLong() {
            super("a row does not end within " + MAX_RECORD + " characters; a quote is probably not closed");
        }
    }

    private static final class LimitedReader extends FilterReader {
        private long left = MAX_RECORD;

        LimitedReader(Reader in) {
            super(in);
        }

        void recordEnded() {
            left = MAX_RECORD;
        }

        @Override
        public int read() throws IOException {
            int c = super.read();
            count(c < 0 ? 0 : 1);
            return c;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            int n = super.read(buffer, offset, length);
            count(Math.max(0, n));
            return n;
        }

        private void count(int n) throws RecordTooLong {
            left -= n;
            if (left < 0) {
                throw new RecordTooLong();
            }
        }
    }
}
