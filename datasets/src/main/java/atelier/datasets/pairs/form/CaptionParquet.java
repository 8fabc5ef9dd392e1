package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file with the columns that a table may have; a column of lists gives several captions. Rows count as lines.
 * A column of images may hold file names, or the images themselves as Hugging Face's data sets do. Read by DuckDB, within 1 GB of memory.
 */
public final class CaptionParquet implements PairSource {
    private final Path file;
    private final Path images;
    private final TextForm form;

    /**
     * @param file the table
     * @param images the folder that relative image paths start from
     * @param form what an image without a caption gets; texts are UTF-8 in every Parquet file
     */
    public CaptionParquet(Path file, Path images, TextForm form) {
        this.file = file;
        this.images = images;
        this.form = new TextForm(StandardCharsets.UTF_8, form.lines(), form.caption());
    }

    @Override
    public PairList read() throws IOException {
        PairCollector collector = new PairCollector(images, form);
        Properties streaming = new Properties();
        streaming.setProperty("jdbc_stream_results", "true");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", streaming)) {
            try (Statement limits = connection.createStatement()) {
                limits.execute("SET memory_limit='1GB'");
                limits.execute("SET autoinstall_known_extensions=false");
            }
            try (PreparedStatement select = connection.prepareStatement("SELECT * FROM read_parquet(?)")) {
                select.setString(1, file.toString());
                try (ResultSet rows = select.executeQuery()) {
                    read(collector, rows);
                }
            }
        } catch (SQLException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new FindingException(
                    Finding.error(Origin.of(file), null, "cannot be read as Parquet: " + reason, "write it anew"), e);
        }
        return collector.list();
    }

    private void read(PairCollector collector, ResultSet rows) throws SQLException, IOException {
        List<Column> columns = new ArrayList<>();
        ResultSetMetaData types = rows.getMetaData();
        for (int i = 1; i <= types.getColumnCount(); i++) {
            columns.add(column(types, i));
        }
        require(columns, Column.Role.IMAGE, "image");
        if (form.caption() == null) {
            require(columns, Column.Role.CAPTION, "caption");
        }
        try (UnpackedImages unpacked = new UnpackedImages()) {
            for (long line = 1; rows.next(); line++) {
                collector.begin(new Origin(file, line));
                for (int i = 0; i < columns.size(); i++) {
                    Object value = rows.getObject(i + 1);
                    if (columns.get(i).role() == Column.Role.IMAGE && !(value instanceof String)) {
                        image(collector, unpacked, line, value);
                    } else {
                        put(collector, columns.get(i), value);
                    }
                }
                collector.end();
            }
            if (unpacked.size() > 0) {
                collector.find(Finding.note(
                        Origin.of(file),
                        null,
                        "holds its images itself: they lie unpacked in a temporary file of " + (unpacked.size() >> 20)
                                + " MiB while the command runs",
                        "java.io.tmpdir says where"));
            }
        }
    }

    /** An image within the table: its bytes, or the bytes and the path of Hugging Face's image columns. */
    private void image(PairCollector collector, UnpackedImages unpacked, long line, @Nullable Object value)
            throws SQLException, IOException {
        byte[] bytes = null;
        String name = null;
        for (Object part : value instanceof Struct struct ? struct.getAttributes() : new Object[] {value}) {
            if (part instanceof Blob blob) {
                bytes = blob.getBytes(1, Math.toIntExact(blob.length()));
            } else if (part instanceof byte[] array) {
                bytes = array;
            } else if (part instanceof String text) {
                name = text;
            }
        }
        if (bytes != null && bytes.length > 0) {
            String called = name == null || name.isBlank() ? line + ".image" : name;
            collector.content(file.getFileName() + "/" + called, unpacked.add(bytes));
        } else if (name != null) {
            collector.put(Column.of("image"), name);
        }
    }

    private static boolean isBytes(String type) {
        return type.equals("BLOB") || (type.startsWith("STRUCT(") && type.contains("BLOB"));
    }

    private Column column(ResultSetMetaData types, int index) throws SQLException, FindingException {
        Column column = Column.of(types.getColumnName(index));
        String type = types.getColumnTypeName(index);
        if (column.role() == Column.Role.IMAGE && !type.equals("VARCHAR") && !isBytes(type)) {
            throw new FindingException(Finding.error(
                    Origin.of(file),
                    null,
                    "the column '" + column.name() + "' holds " + type.split("\\(", 2)[0] + ", not file names",
                    "write the images to files, or to a WebDataset tar, and name them"));
        }
        return column;
    }

    private void require(List<Column> columns, Column.Role role, String name) throws FindingException {
        if (columns.stream().noneMatch(c -> c.role() == role)) {
            List<String> names = columns.stream().map(Column::name).toList();
            throw new FindingException(Finding.error(
                    Origin.of(file),
                    null,
                    "the columns " + names + " have no '" + name + "'",
                    "name the columns, image and caption at least"));
        }
    }

    static void put(PairCollector collector, Column column, @Nullable Object value) throws SQLException {
        if (value instanceof Array list && column.role() == Column.Role.CAPTION) {
            Column next = column;
            for (Object each : (Object[]) list.getArray()) {
                collector.put(next, each == null ? null : each.toString());
                next = new Column(Column.Role.ALTERNATIVE, column.name());
            }
        } else if (value != null) {
            collector.put(column, value.toString());
        }
    }
}
