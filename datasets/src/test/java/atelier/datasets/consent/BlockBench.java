package atelier.datasets.consent;

import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.LedgerPart;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.RowBlock;
import atelier.datasets.pairs.form.ParquetRows;
import com.sun.management.OperatingSystemMXBean;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * Judges generated rows block by block in this process, and says what a row costs: {@code folder=SCRATCH rows=N others=N
 * block=N perceptual=false}. The last line is JSON. scripts/bench/cluster runs it.
 */
public final class BlockBench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private BlockBench() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            options.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1));
        }
        Path folder = Path.of(options.get("folder"));
        long rows = Long.parseLong(options.getOrDefault("rows", "1000000"));
        GeneratedRows generated = new GeneratedRows(folder, rows);
        if (!Files.exists(generated.table())) {
            Files.createDirectories(folder);
            generated.writeTable();
            generated.writeLists(Long.parseLong(options.getOrDefault("others", "1000000")));
        }
        if (options.containsKey("block")) {
            judge(generated, rows, Integer.parseInt(options.get("block")), options.get("perceptual") == null);
        }
    }

    private static void judge(GeneratedRows generated, long rows, int size, boolean perceptual) throws Exception {
        String table = Sha256.of(generated.table());
        DigestOutputStream digest = new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.digest());
        long readCpu = 0;
        long judgeCpu = 0;
        long writeCpu = 0;
        long wrong = 0;
        long planted = 0;
        long last = 0;
        try (BlockJudge judge = new BlockJudge(generated.settings(perceptual), GeneratedRows.TODAY);
                ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            LedgerPart.header(digest);
            for (long from = 0; from < rows; from += size) {
                int count = (int) Math.min(size, rows - from);
                long start = SYSTEM.getProcessCpuTime();
                PairList block = reader.read(new RowBlock(generated.table().toString(), from, count));
                long read = SYSTEM.getProcessCpuTime();
                BlockJudge.Judged judged = judge.judge(block, generated.table(), table);
                long done = SYSTEM.getProcessCpuTime();
                LedgerPart.rows(judged.verdicts(), digest);
                long written = SYSTEM.getProcessCpuTime();
                readCpu += read - start;
                judgeCpu += done - read;
                writeCpu += written - done;
                last = done - read;
                for (int i = 0; i < count; i++) {
                    GeneratedRows.Kind kind = GeneratedRows.kind(from + i);
                    Verdict verdict = judged.verdicts().get(i);
                    planted += kind == GeneratedRows.Kind.CLEAN ? 0 : 1;
                    if (!perceptual && kind == GeneratedRows.Kind.PDQ_NEAR) {
                        continue;
                    }
                    if (verdict.outcome() != kind.outcome() || verdict.rule() != kind.rule()) {
                        if (wrong++ < 5) {
                            System.err.println("row " + (from + i) + " is " + kind + ", got " + verdict);
                        }
                    }
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "{\"rows\": %d, \"block\": %d, \"planted\": %d, \"wrong\": %d, \"sha256\": \"%s\", \"read_us\": %.2f,"
                        + " \"judge_us\": %.2f, \"judge_us_last_block\": %.2f, \"write_us\": %.2f, \"heap_mib\": %d}%n",
                rows,
                size,
                planted,
                wrong,
                HexFormat.of().formatHex(digest.getMessageDigest().digest()),
                readCpu / 1e3 / rows,
                judgeCpu / 1e3 / rows,
                last / 1e3 / Math.min(size, rows),
                writeCpu / 1e3 / rows,
                Runtime.getRuntime().totalMemory() >> 20);
    }
}
