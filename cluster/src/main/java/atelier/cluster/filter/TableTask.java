package atelier.cluster.filter;

import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.LedgerManifest;
import atelier.datasets.pairs.form.ParquetRows;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.api.java.function.Function;

/** Counts a table's rows and takes its digest. */
final class TableTask implements Function<String, TableTask.Counted> {
    private static final long serialVersionUID = 1;

    /** A table, as {@link LedgerManifest.Table} has it. */
    record Counted(String file, long rows, String sha256) implements java.io.Serializable {
        LedgerManifest.Table table() {
            return new LedgerManifest.Table(file, rows, sha256);
        }
    }

    @Override
    public Counted call(String file) throws IOException {
        try (ParquetRows reader = new ParquetRows(name -> false)) {
            return new Counted(file, reader.count(Path.of(file)), Sha256.of(Path.of(file)));
        }
    }
}
