package atelier.datasets.pairs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A table of pairs with a header: image and caption, optionally further captions (caption_2, ...), creator, licence,
 * source, weight, repeats, and any other columns, which are kept. UTF-8; a file that ends in {@code .tsv} is separated by
 * tabs, any other by commas.
 */
public final class CaptionCsv implements PairSource {
    private static final String QUOTING =
            "put a text that holds commas, quotes or line ends in quotes and double its own";

    private final Path file;
    private final Path images;

    /**
     * @param file the table
     * @param images the folder that relative image paths start from
     */
    public CaptionCsv(Path file, Path images) {
        this.file = file;
        this.images = images;
    }

    @Override
    public PairList read() throws IOException {
        boolean tabs = file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".tsv");
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(tabs ? '\t' : ',')
                .setIgnoreEmptyLines(true)
                .get();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            skipByteOrderMark(reader);
            CSVParser parser =
                    CSVParser.builder().setReader(reader).setFormat(format).get();
            return read(parser);
        } catch (CharacterCodingException e) {
            throw Utf8.fault(file, e);
        }
    }

    private PairList read(CSVParser parser) throws IOException {
        Iterator<CSVRecord> rows = parser.iterator();
        List<Column> columns = header(parser, rows);
        PairCollector collector = new PairCollector(images);
        while (hasNext(parser, rows)) {
            CSVRecord row = rows.next();
            collector.begin(new Origin(file, firstLine(parser, row)));
            if (row.size() != columns.size()) {
                collector.fault(
                        "has " + row.size() + " values where the header has " + columns.size() + " columns", QUOTING);
            }
            for (int i = 0; i < Math.min(row.size(), columns.size()); i++) {
                collector.put(columns.get(i), row.get(i));
            }
            collector.end();
        }
        PairList list = collector.list();
        if (list.pairs().isEmpty() && list.findings().isEmpty()) {
            throw broken(1, "holds a header and no rows", "add a row for each image");
        }
        return list;
    }

    private List<Column> header(CSVParser parser, Iterator<CSVRecord> rows) throws IOException {
        if (!hasNext(parser, rows)) {
            throw broken(0, "is empty", "begin it with a header that names at least image and caption");
        }
        List<Column> columns = new ArrayList<>();
        CSVRecord head = rows.next();
        head.forEach(name -> columns.add(Column.of(name)));
        require(columns, Column.Role.IMAGE, "image");
        require(columns, Column.Role.CAPTION, "caption");
        return columns;
    }

    private void require(List<Column> columns, Column.Role role, String name) throws FindingException {
        long count = columns.stream().filter(c -> c.role() == role).count();
        List<String> names = columns.stream().map(Column::name).toList();
        if (count == 0) {
            throw broken(
                    1,
                    "the header " + names + " has no column '" + name + "'",
                    "name the columns, image and caption at least");
        }
        if (count > 1) {
            throw broken(1, "the header " + names + " names the " + name + " more than once", "keep one of them");
        }
    }

    private boolean hasNext(CSVParser parser, Iterator<CSVRecord> rows) throws IOException {
        try {
            return rows.hasNext();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof CharacterCodingException coding) {
                throw coding;
            }
            throw broken(parser.getCurrentLineNumber(), "cannot be read as a table from here on", QUOTING);
        } catch (IllegalStateException | NoSuchElementException e) {
            throw broken(parser.getCurrentLineNumber(), "cannot be read as a table from here on", QUOTING);
        }
    }

    /** The line on which a row starts: the parser counts to its end, and quoted texts may hold line ends. */
    private static long firstLine(CSVParser parser, CSVRecord row) {
        long line = parser.getCurrentLineNumber();
        for (String value : row) {
            for (int i = value.indexOf('\n'); i >= 0; i = value.indexOf('\n', i + 1)) {
                line--;
            }
        }
        return line;
    }

    private FindingException broken(long line, String fact, String remedy) {
        return new FindingException(Finding.error(new Origin(file, line), null, fact, remedy));
    }

    private static void skipByteOrderMark(BufferedReader reader) throws IOException {
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
    }
}
