package atelier.cluster.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.command.Invocation;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cluster.engine.ClusterSession;
import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.datasets.consent.BlockJudge;
import atelier.datasets.consent.GeneratedRows;
import atelier.datasets.consent.ledger.LedgerManifest;
import atelier.datasets.consent.ledger.LedgerPart;
import atelier.datasets.pairs.RowBlock;
import atelier.datasets.pairs.form.ParquetRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verdicts on Spark against those of this process. */
class FilterRunTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final int ROWS = 5_000;

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private static GeneratedRows generated;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeAll
    static void generate() throws Exception {
        generated = new GeneratedRows(data, ROWS);
        generated.writeTable();
        generated.writeLists(2_000);
    }

    @BeforeEach
    void quiet() {
        said.reset();
    }

    private LedgerManifest filter(Path out, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "data.pairs=" + generated.table(),
                "optout.manifests=[" + generated.list() + "]",
                "optout.sites=[" + data.resolve("sites") + "]",
                "licence.grants=[" + data.resolve("grants.jsonl") + "]",
                "licence.mode=open",
                "licence.allow=[CC0-1.0,CC-BY-4.0,CC-BY-SA-4.0]",
                "cluster.master=local[2]",
                "cluster.folder=" + folder.resolve("none"),
                "filter.block_rows=700",
                "out=" + out));
        words.addAll(List.of(more));
        Composition composition = new Composer(new ConfigFolder(ROOT)).compose("cluster_filter", words);
        FilterKeys keys = composition.bind(FilterKeys.class);
        PrintStream err = new PrintStream(said, true, StandardCharsets.UTF_8);
        try (ClusterSession session = ClusterSession.open(ROOT, keys.cluster(), "test", Map.of(), err)) {
            return new FilterRun(new Invocation(ROOT, composition, err, err, false), keys).run(session);
        }
    }

    private byte[] singleMachine() throws IOException {
        ByteArrayOutputStream ledger = new ByteArrayOutputStream();
        LedgerPart.header(ledger);
        try (BlockJudge judge = new BlockJudge(generated.settings(), GeneratedRows.TODAY);
                ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            String table = atelier.common.file.Sha256.of(generated.table());
            LedgerPart.rows(
                    judge.judge(
                                    reader.read(new RowBlock(generated.table().toString(), 0, ROWS)),
                                    generated.table(),
                                    table)
                            .verdicts(),
                    ledger);
        }
        return ledger.toByteArray();
    }

    @Test
    void blocksOnSparkGiveTheLedgerOfOneMachineWithAndWithoutABloomFilter() throws Exception {
        String expected = atelier.common.file.Sha256.of(singleMachine());
        Path out = folder.resolve("out");
        LedgerManifest manifest = filter(out);
        assertThat(manifest.parts()).hasSize(8);
        assertThat(manifest.rows()).isEqualTo(ROWS);
        assertThat(manifest.counts())
                .containsExactlyInAnyOrderEntriesOf(Map.of("included", 4_925L, "excluded", 70L, "failed", 5L));
        assertThat(LedgerManifest.read(out).check(out)).isEqualTo(expected);

        Path bloom = folder.resolve("bloom");
        LedgerManifest filtered = filter(bloom, "filter.bloom=always", "filter.block_rows=1300");
        assertThat(bloom.resolve("lists"))
                .isDirectoryContaining(file -> file.toString().endsWith(".bloom"));
        assertThat(filtered.check(bloom)).isEqualTo(expected);
    }

    @Test
    void blocksThatAnInterruptedRunFinishedAreKept() throws Exception {
        Path out = folder.resolve("out");
        LedgerManifest whole = filter(out);
        Path kept = out.resolve("ledger").resolve(LedgerPart.name(0));
        Files.delete(out.resolve(LedgerManifest.NAME));
        Files.delete(out.resolve("ledger/part-000003.json"));
        Files.delete(out.resolve("ledger/part-000005.csv"));
        var before = Files.getLastModifiedTime(kept);

        assertThat(filter(out)).isEqualTo(whole);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("6 of 8 blocks were judged before");
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(before);

        assertThatThrownBy(() -> filter(out, "filter.block_rows=500"))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("holds verdicts on other tables, or by other lists or settings");
    }

    @Test
    void aTriggerWordThatNamesAnOptedOutCreatorIsRefused() {
        assertThatThrownBy(() -> filter(folder.resolve("out"), "data.trigger_word=Maler11 Berg"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("opts out; choose another trigger word");
    }

    @Test
    void aLedgerPartThatWasChangedIsFound() throws Exception {
        Path out = folder.resolve("out");
        LedgerManifest manifest = filter(out);
        Path part = out.resolve("ledger").resolve(LedgerPart.name(2));
        Files.writeString(part, Files.readString(part).replaceFirst("included", "excluded"));
        assertThatThrownBy(() -> manifest.check(out))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("part-000002.csv: it differs from its digest");
    }

    @Test
    void aListThatExecutorsCannotReadEndsTheWorkWithItsMessage() throws Exception {
        Path list = Files.copy(generated.list(), folder.resolve("broken.optout"));
        byte[] bytes = Files.readAllBytes(list);
        bytes[100] ^= 1;
        Files.write(list, bytes);
        assertThatThrownBy(() -> filter(folder.resolve("out"), "optout.manifests=[" + list + "]"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("differs from its digest in the mebibyte at byte");
    }
}
