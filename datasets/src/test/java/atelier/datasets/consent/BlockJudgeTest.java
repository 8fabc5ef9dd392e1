package atelier.datasets.consent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.datasets.consent.ledger.LedgerManifest;
import atelier.datasets.consent.ledger.LedgerPart;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.list.OptOutCompiler;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.RowBlock;
import atelier.datasets.pairs.form.ParquetRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockJudgeTest {
    private static final int ROWS = 3_000;

    @TempDir
    static Path data;

    @TempDir
    Path folder;

    private static GeneratedRows generated;
    private static List<Verdict> whole;

    @BeforeAll
    static void generate() throws Exception {
        generated = new GeneratedRows(data, ROWS);
        generated.writeTable();
        generated.writeLists(1_000);
        whole = judge(ROWS, generated.settings());
    }

    private static List<Verdict> judge(int size, ConsentSettings settings) throws IOException {
        List<Verdict> verdicts = new ArrayList<>();
        try (BlockJudge judge = new BlockJudge(settings, GeneratedRows.TODAY);
                ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            for (int from = 0; from < ROWS; from += size) {
                RowBlock block = new RowBlock(generated.table().toString(), from, Math.min(size, ROWS - from));
                verdicts.addAll(judge.judge(reader.read(block), generated.table(), "the table's digest")
                        .verdicts());
            }
        }
        return verdicts;
    }

    @Test
    void everyPlantedRowHasTheVerdictOfItsKindAndNoCleanRowHasAnother() {
        assertThat(whole).hasSize(ROWS);
        for (int row = 0; row < ROWS; row++) {
            GeneratedRows.Kind kind = GeneratedRows.kind(row);
            assertThat(whole.get(row).outcome()).as("row " + row + ", " + kind).isEqualTo(kind.outcome());
            assertThat(whole.get(row).rule()).as("row " + row + ", " + kind).isEqualTo(kind.rule());
        }
        assertThat(whole.get(0).image()).isEqualTo(Path.of("rows.parquet/1"));
        assertThat(whole.get(0).line()).isEqualTo(1);
        assertThat(whole.get(0).list()).isEqualTo(generated.table().toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 127, 1000, 2999})
    void aVerdictDoesNotDependOnTheBlock(int size) throws IOException {
        assertThat(judge(size, generated.settings())).isEqualTo(whole);
    }

    @Test
    void aBloomFilterChangesNoVerdict() throws IOException {
        Path filter;
        try (BlockJudge judge = new BlockJudge(generated.settings(), GeneratedRows.TODAY);
                ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            filter = judge.makeFilters(folder, 0).get(0);
            judge.filterBy(Map.of(0, filter));
            PairList rows = reader.read(new RowBlock(generated.table().toString(), 0, ROWS));
            assertThat(judge.judge(rows, generated.table(), "the table's digest")
                            .verdicts())
                    .isEqualTo(whole);
        }
        byte[] bytes = Files.readAllBytes(filter);
        bytes[bytes.length - 1] ^= 1;
        Files.write(filter, bytes);
        try (BlockJudge judge = new BlockJudge(generated.settings(), GeneratedRows.TODAY)) {
            assertThatThrownBy(() -> judge.filterBy(judge.makeFilters(folder, 0)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("differs from its digest");
        }
    }

    @Test
    void aFilterOfAnotherListIsMadeAnew() throws IOException {
        try (BlockJudge judge = new BlockJudge(generated.settings(), GeneratedRows.TODAY)) {
            Path filter = judge.makeFilters(folder, 0).get(0);
            Files.writeString(filter, "ATLBLM01 of something else");
            judge.filterBy(judge.makeFilters(folder, 0));
            assertThat(Files.size(filter)).isGreaterThan(2_000);
            assertThat(judge.makeFilters(folder, Long.MAX_VALUE)).isEmpty();
        }
    }

    @Test
    void aListThatIsNotCompiledAndATriggerWordThatNamesACreatorAreRefused() throws IOException {
        Path plain = data.resolve("rows.jsonl");
        ConsentSettings settings = new ConsentSettings(Consents.lists(plain), Consents.open());
        assertThatThrownBy(() -> new BlockJudge(settings, GeneratedRows.TODAY))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("is not compiled; compile it with optout build");
        try (BlockJudge judge = new BlockJudge(generated.settings(), GeneratedRows.TODAY)) {
            judge.checkAddedTexts(List.of("sks"));
            assertThatThrownBy(() -> judge.checkAddedTexts(List.of("in the style of maler11 berg")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("opts out; choose another trigger word");
        }
    }

    @Test
    void aRowIsAllowedByEvidenceWhereTheLicenceIsAskedFor() throws IOException {
        Path list = folder.resolve("none.optout");
        new OptOutCompiler().compile(List.of(Consents.list(folder, Consents.entry("domain", "example.invalid"))), list);
        ConsentSettings licensed = new ConsentSettings(Consents.lists(list), Consents.licensed());
        try (BlockJudge judge = new BlockJudge(licensed, GeneratedRows.TODAY);
                ParquetRows reader = new ParquetRows(BlockJudge::isColumn)) {
            int bare = row(GeneratedRows.Kind.NO_LICENCE);
            BlockJudge.Judged one =
                    judge.judge(reader.read(new RowBlock(generated.table().toString(), bare, 1)), data, "");
            assertThat(one.evidence()).isFalse();
            assertThat(judge.suffices(one.evidence())).isFalse();
            assertThat(one.verdicts()).singleElement().extracting(Verdict::rule).isEqualTo(Rule.LICENCE);
            assertThat(judge.judge(reader.read(new RowBlock(generated.table().toString(), 0, 1)), data, "")
                            .evidence())
                    .isTrue();
        }
    }

    private static int row(GeneratedRows.Kind kind) {
        int row = 0;
        while (GeneratedRows.kind(row) != kind) {
            row++;
        }
        return row;
    }

    @Test
    void partsOfALedgerAreTogetherTheLedgerAndTheirManifestIsCheckedAgainstThem() throws IOException {
        Path parts = folder.resolve(LedgerManifest.PARTS);
        Files.createDirectories(parts);
        List<LedgerPart> written = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            written.add(LedgerPart.write(
                    parts, number, "rows", 1000L * number, whole.subList(1000 * number, 1000 * (number + 1)), true));
            assertThat(LedgerPart.finished(parts, number)).hasValue(written.get(number));
        }
        assertThat(LedgerPart.finished(parts, 3)).isEmpty();
        LedgerManifest manifest = LedgerManifest.of("2026-06-01", List.of(), List.of(), written);
        manifest.write(folder);
        ByteArrayOutputStream ledger = new ByteArrayOutputStream();
        LedgerPart.header(ledger);
        LedgerPart.rows(whole, ledger);
        assertThat(LedgerManifest.read(folder)).isEqualTo(manifest);
        assertThat(manifest.check(folder)).isEqualTo(atelier.common.file.Sha256.of(ledger.toByteArray()));
        assertThat(manifest.summary()).isEqualTo("3000 pictures: 2955 included, 42 excluded, 3 failed");
        Files.delete(parts.resolve(LedgerPart.name(1)));
        assertThatThrownBy(() -> manifest.check(folder))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("part-000001.csv: it is missing");
    }
}
