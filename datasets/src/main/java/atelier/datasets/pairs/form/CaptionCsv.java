package atelier.datasets.pairs.form;

import atelier.common.file.TableRows;
import atelier.common.file.TextFile;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A table of pairs with a header: image and caption, optionally further captions (caption_2, ...), creator, licence,
 * source, weight, repeats, and any other columns, which are kept. Values are separated by what a first line {@code sep=;}
 * says, or by whichever of comma, semicolon, tab and bar makes a column of images of the header.
 */
public final class CaptionCsv implements PairSource {
    private static final String QUOTING =
            "put a text that holds commas, quotes or line ends in quotes and double its own";
    private static final Set<Column.Role> SINGLE = EnumSet.of(
            Column.Role.CREATOR, Column.Role.LICENCE, Column.Role.SOURCE, Column.Role.WEIGHT, Column.Role.REPEATS);

    private final Path file;
    private final Path images;
    private final TextForm form;

    /**
     * @param file the table
     * @param images the folder that relative image paths start from
     * @param form its charset
     */
    public CaptionCsv(Path file, Path images, TextForm form) {
        this.file = file;
        this.images = images;
        this.form = form;
    }

    @Override
    public PairList read() throws IOException {
        try (BufferedReader reader = TextFile.marking(Files.newInputStream(file), form.encoding())) {
            TableRows rows = new TableRows(reader);
            boolean tabs = ImageNames.extension(file.toString()).equals("tsv");
            rows.findSeparator(tabs ? "\t,;|" : ",;\t|", CaptionCsv::fits);
            return read(rows);
        }
    }

    private static boolean fits(List<String> header) {
        return has(columns(header), Column.Role.IMAGE);
    }

    private PairList read(TableRows rows) throws IOException {
        TableRows.Row head = rows.next();
        if (head == null) {
            throw broken(0, "is empty", "begin it with a header that names at least image and caption");
        }
        PairCollector collector = new PairCollector(images, form);
        List<Column> columns = header(head, collector);
        for (TableRows.Row row = rows.next(); row != null; row = rows.next()) {
            collector.begin(new Origin(file, row.line()));
            List<String> values = row.values();
            if (row.misquoted()) {
                collector.fault("has a quote that is not closed where its value ends", QUOTING);
            } else if (values.size() != columns.size() && !onlyBlanksFollow(values, columns.size())) {
                collector.fault(
                        "has " + values.size() + " values where the header has " + columns.size() + " columns",
                        QUOTING);
            }
            for (int i = 0; i < Math.min(values.size(), columns.size()); i++) {
                collector.put(columns.get(i), values.get(i));
            }
            collector.end();
        }
        PairList list = collector.list();
        if (list.pairs().isEmpty() && list.errors().isEmpty()) {
            throw broken(1, "holds a header and no rows", "add a row for each image");
        }
        return list;
    }

    private static boolean onlyBlanksFollow(List<String> values, int columns) {
        return values.size() > columns
                && values.subList(columns, values.size()).stream().allMatch(String::isBlank);
    }

    private static List<Column> columns(List<String> header) {
        return header.stream().map(Column::of).toList();
    }

    private static boolean has(List<Column> columns, Column.Role role) {
        return columns.stream().anyMatch(column -> column.role() == role);
    }

    private List<Column> header(TableRows.Row head, PairCollector collector) throws FindingException {
        List<Column> columns = columns(head.values());
        require(head, columns, Column.Role.IMAGE, "image");
        if (form.caption() == null || has(columns, Column.Role.CAPTION)) {
            require(head, columns, Column.Role.CAPTION, "caption");
        }
        Set<String> names = new HashSet<>();
        Set<Column.Role> roles = EnumSet.noneOf(Column.Role.class);
        List<Column> used = new ArrayList<>();
        for (Column column : columns) {
            String name = column.name().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !names.add(name)) {
                throw broken(
                        head.line(), "the header names '" + column.name() + "' more than once", "keep one of them");
            }
            boolean second = SINGLE.contains(column.role()) && !roles.add(column.role());
            used.add(second ? new Column(Column.Role.EXTRA, column.name()) : column);
            if (second) {
                collector.find(Finding.warning(
                        new Origin(file, head.line()),
                        null,
                        "the column '" + column.name() + "' means the same as one before it, which is used",
                        "keep the one that is meant"));
            }
        }
        return used;
    }

    private void require(TableRows.Row head, List<Column> columns, Column.Role role, String name)
            throws FindingException {
        long count = columns.stream().filter(c -> c.role() == role).count();
        List<String> names = columns.stream().map(Column::name).toList();
        if (count == 0 && names.stream().anyMatch(TextFile::isBroken)) {
            throw broken(head.line(), form.notInEncoding(), form.remedy());
        }
        if (count == 0) {
            throw broken(
                    head.line(),
                    "the header " + names + " has no column '" + name + "'",
                    "name the columns, image and caption at least");
        }
        if (count > 1) {
            throw broken(
                    head.line(), "the header " + names + " names the " + name + " more than once", "keep one of them");
        }
    }

    private FindingException broken(long line, String fact, String remedy) {
        return new FindingException(Finding.error(new Origin(file, line), null, fact, remedy));
    }
}
