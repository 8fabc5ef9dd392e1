package atelier.datasets.pairs.form;

import atelier.common.error.WrongCommandException;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.RowBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Tables that describe pictures which are not here: what a crawl wrote, a picture a row. Columns mean what they mean in
 * {@link CaptionParquet}, none of them is required, and no image file is looked for. Rows count as lines from 1. Read by
 * DuckDB with one thread and within 512 MB of memory; for use by one thread.
 */
public final class ParquetRows implements AutoCloseable {
    private static final String ENDING = ".parquet";

    private final Connection connection;
    private final Predicate<String> wanted;

    /** @param wanted which further columns are read, by name in lower case with - for _; the others cost no time */
    public ParquetRows(Predicate<String> wanted) throws IOException {
        this.wanted = wanted;
        Properties streaming = new Properties();
        streaming.setProperty("jdbc_stream_results", "true");
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:", streaming);
            try (Statement limits = connection.createStatement()) {
                limits.execute("SET memory_limit='512MB'");
                limits.execute("SET threads=1");
                limits.execute("SET autoinstall_known_extensions=false");
            }
        } catch (SQLException e) {
            throw new IOException("DuckDB does not start: " + e.getMessage(), e);
        }
    }

    /**
     * The Parquet files that a path names, sorted: itself, or all below a folder.
     *
     * @throws WrongCommandException when there is none
     */
    public static List<Path> files(Path pairs) throws IOException {
        List<Path> found;
        try (Stream<Path> walk = Files.walk(pairs)) {
            found = walk.filter(file ->
                            file.toString().toLowerCase(Locale.ROOT).endsWith(ENDING) && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
        if (found.isEmpty()) {
            throw new WrongCommandException(
                    "data.pairs",
                    "'" + pairs + "' is no Parquet file, and holds none",
                    "name a table or a folder of them");
        }
        return found;
    }

    /** How many rows a file has. */
    public long count(Path file) throws IOException {
        try (PreparedStatement select = connection.prepareStatement("SELECT count(*) FROM read_parquet(?)")) {
            select.setString(1, file.toString());
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw broken(file, e);
        }
    }

    /**
     * The rows of a block, each a pair or a finding. A row that names no image is {@code table.parquet/LINE}.
     *
     * @throws FindingException when the file cannot be read
     */
    public PairList read(RowBlock block) throws IOException {
        Path file = Path.of(block.file());
        PairCollector collector = PairCollector.ofRows();
        try {
            List<Column> columns = columns(file);
            StringBuilder names = new StringBuilder();
            columns.forEach(column -> names.append(", ").append(quoted(column.name())));
            // Files of several row groups: those outside the block are not read.
            String query = "SELECT file_row_number" + names
                    + " FROM read_parquet(?, file_row_number=true) WHERE file_row_number >= ? AND file_row_number < ?";
            try (PreparedStatement select = connection.prepareStatement(query)) {
                select.setString(1, file.toString());
                select.setLong(2, block.from());
                select.setLong(3, block.from() + block.rows());
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        collector.begin(new Origin(file, rows.getLong(1) + 1));
                        for (int i = 0; i < columns.size(); i++) {
                            CaptionParquet.put(collector, columns.get(i), rows.getObject(i + 2));
                        }
                        collector.end();
                    }
                }
            }
        } catch (SQLException e) {
            throw broken(file, e);
        }
        return collector.list();
    }

    private List<Column> columns(Path file) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT * FROM read_parquet(?) LIMIT 0")) {
            select.setString(1, file.toString());
            try (ResultSet none = select.executeQuery()) {
                ResultSetMetaData types = none.getMetaData();
                for (int i = 1; i <= types.getColumnCount(); i++) {
                    Column column = new Column(Column.of(types.getColumnName(i)).role(), types.getColumnName(i));
                    boolean needed = switch (column.role()) {
                        // An image itself is not looked at.
                        case IMAGE -> types.getColumnTypeName(i).equals("VARCHAR");
                        case CAPTION, ALTERNATIVE, CREATOR, LICENCE, SOURCE -> true;
                        case WEIGHT, REPEATS -> false;
                        case EXTRA ->
                            wanted.test(column.name()
                                    .strip()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-'));
                    };
                    if (needed) {
                        columns.add(column);
                    }
                }
            }
        }
        return columns;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static FindingException broken(Path file, SQLException e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new FindingException(
                Finding.error(Origin.of(file), null, "cannot be read as Parquet: " + reason, "write it anew"), e);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
