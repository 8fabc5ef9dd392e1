package atelier.cluster.filter;

import atelier.datasets.consent.BlockJudge;
import atelier.datasets.consent.ledger.LedgerPart;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.RowBlock;
import atelier.datasets.pairs.form.ParquetRows;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.function.Function;

/**
 * Judges a block and writes its part of the ledger. A task that is tried again, or run twice at once, writes the same file
 * whole.
 */
final class JudgeTask implements Function<JudgeTask.Block, LedgerPart> {
    private static final long serialVersionUID = 1;
    /** Lists, grants and captured files are read once in a process. */
    private static final Map<FilterJob, BlockJudge> JUDGES = new ConcurrentHashMap<>();

    private final FilterJob job;

    /**
     * A block with its place in the ledger.
     *
     * @param tableSha256 of the table that the rows are from
     */
    record Block(int number, RowBlock rows, String tableSha256) implements Serializable {}

    JudgeTask(FilterJob job) {
        this.job = job;
    }

    @Override
    public LedgerPart call(Block block) throws IOException {
        BlockJudge judge = JUDGES.computeIfAbsent(job, JudgeTask::open);
        PairList rows;
        try (ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            rows = reader.read(block.rows());
        }
        Path table = Path.of(block.rows().file());
        BlockJudge.Judged judged = judge.judge(rows, table, block.tableSha256());
        return LedgerPart.write(
                Path.of(job.parts()),
                block.number(),
                block.rows().file(),
                block.rows().from(),
                judged.verdicts(),
                judged.evidence());
    }

    private static BlockJudge open(FilterJob job) {
        BlockJudge judge =
                new BlockJudge(job.settings().bind(FilterKeys.class).consent(), LocalDate.parse(job.judgedOn()));
        Map<Integer, Path> filters = new TreeMap<>();
        job.filters().forEach((list, file) -> filters.put(list, Path.of(file)));
        try {
            judge.filterBy(filters);
        } catch (IOException e) {
            judge.close();
            throw new UncheckedIOException(e);
        }
        return judge;
    }

    /** Lets go of what this process read for a job. */
    static void close(FilterJob job) {
        BlockJudge judge = JUDGES.remove(job);
        if (judge != null) {
            judge.close();
        }
    }
}
