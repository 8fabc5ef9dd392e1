package atelier.cluster.filter;

import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterJob;
import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ExecutorSettings;
import atelier.common.console.Progress;
import atelier.common.console.ProgressWatch;
import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.common.file.Sha256;
import atelier.datasets.consent.BlockJudge;
import atelier.datasets.consent.ledger.LedgerManifest;
import atelier.datasets.consent.ledger.LedgerPart;
import atelier.datasets.consent.list.CompiledOptOutList;
import atelier.datasets.consent.list.EntryKind;
import atelier.datasets.consent.list.OptOutCompiler;
import atelier.datasets.pairs.RowBlock;
import atelier.datasets.pairs.form.ParquetRows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Judges the rows of Parquet tables on a cluster. The driver compiles lists, reads all that rows are judged by once to
 * refuse what cannot be read, and deals the tables into blocks; no row travels between executors. Blocks that an
 * interrupted run finished are kept.
 */
public final class FilterRun {
    private static final String JOB = "begun.txt";

    private final Invocation invocation;
    private final FilterKeys keys;
    private final Path parts;

    public FilterRun(Invocation invocation, FilterKeys keys) {
        this.invocation = invocation;
        this.keys = keys;
        this.parts = keys.out().toAbsolutePath().resolve(LedgerManifest.PARTS);
    }

    /**
     * Judges all rows.
     *
     * @throws RefusedException when a list cannot be read whole, a trigger word names someone who opted out, or no row has
     *     the licence that licence.mode asks for; the ledger is written in the last case
     */
    public LedgerManifest run(ClusterSession session) throws IOException, InterruptedException {
        Files.createDirectories(parts);
        List<String> files = ParquetRows.files(keys.data().pairs()).stream()
                .map(file -> file.toAbsolutePath().toString())
                .toList();
        ExecutorSettings settings = settings(compiled());
        FilterKeys judged = settings.bind(FilterKeys.class);
        List<LedgerManifest.Table> tables = tables(session, files);
        String today = judgedOn();
        try (BlockJudge judge = new BlockJudge(judged.consent(), LocalDate.parse(today))) {
            begin(judged, judge, tables, today);
            judge.checkAddedTexts(keys.data().captions().added());
            notes(judge);
            TreeMap<Integer, String> filters = new TreeMap<>();
            judge.makeFilters(
                            parts.resolveSibling("lists"), keys.filter().bloom().least())
                    .forEach((list, file) -> filters.put(list, file.toString()));
            FilterJob job = new FilterJob(settings, today, parts.toString(), filters);
            LedgerManifest manifest = LedgerManifest.of(today, judge.lists(), tables, judge(session, job, tables));
            manifest.write(keys.out());
            if (!judge.suffices(manifest.evidence())) {
                throw new RefusedException("licence.mode is licensed, and none of " + manifest.rows()
                        + " pictures has a licence that licence.allow names, nor a grant; fill the licence column,"
                        + " record grants under licence.grants, or set licence.mode=open if no statement is needed");
            }
            return manifest;
        }
    }

    /** The lists, each compiled: executors search them, and read none from its beginning. */
    private List<Path> compiled() throws IOException {
        List<Path> compiled = new ArrayList<>();
        Path folder = parts.resolveSibling("lists");
        Files.createDirectories(folder);
        for (Path list : keys.optout().manifests()) {
            if (CompiledOptOutList.is(list)) {
                compiled.add(list.toAbsolutePath());
            } else {
                Path made = folder.resolve(compiled.size() + ".optout");
                invocation.err().println("compiling " + list);
                new OptOutCompiler().compile(List.of(list), made);
                compiled.add(made);
            }
        }
        return compiled;
    }

    private ExecutorSettings settings(List<Path> lists) {
        List<String> names = lists.stream().map(Path::toString).toList();
        Invocation changed = new Invocation(
                invocation.root(),
                invocation.composition().with("optout.manifests", names, "compiled lists"),
                invocation.out(),
                invocation.err(),
                invocation.terminal());
        return ExecutorSettings.of(changed, FilterKeys.class);
    }

    private List<LedgerManifest.Table> tables(ClusterSession session, List<String> files) throws InterruptedException {
        return new ClusterJob(session)
                .run(files, new TableTask(), file -> 1, Progress.silent()).stream()
                        .map(TableTask.Counted::table)
                        .toList();
    }

    /** The day by which grants are judged: that on which the work was begun, so that its parts agree. */
    private String judgedOn() throws IOException {
        Path file = parts.resolve(JOB);
        return Files.isRegularFile(file)
                ? Files.readString(file).strip().split(" ", -1)[1]
                : LocalDate.now(ZoneOffset.UTC).toString();
    }

    /**
     * Notes what the work is about, or compares it with what an earlier run noted.
     *
     * @throws WrongCommandException when the folder holds the parts of other work
     */
    private void begin(FilterKeys judged, BlockJudge judge, List<LedgerManifest.Table> tables, String today)
            throws IOException {
        StringBuilder facts = new StringBuilder();
        facts.append(judged.filter().blockRows()).append('\n');
        facts.append(tables)
                .append('\n')
                .append(judged.consent())
                .append('\n')
                .append(judge.lists())
                .append('\n');
        for (Path sites : judged.optout().sites()) {
            try (Stream<Path> walk = Files.walk(sites)) {
                for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                    facts.append(file).append(' ').append(Sha256.of(file)).append('\n');
                }
            }
        }
        String noted = Sha256.of(facts.toString().getBytes(StandardCharsets.UTF_8)) + " " + today + "\n";
        Path file = parts.resolve(JOB);
        if (!Files.isRegularFile(file)) {
            AtomicFile.write(file, noted);
        } else if (!Files.readString(file).equals(noted)) {
            throw new WrongCommandException(
                    "out",
                    "'" + keys.out() + "' holds verdicts on other tables, or by other lists or settings",
                    "name another folder, or delete that one");
        }
    }

    private void notes(BlockJudge judge) {
        if (judge.entries(EntryKind.PDQ) > 0) {
            invocation
                    .err()
                    .println("note: the lists hold " + judge.entries(EntryKind.PDQ)
                            + " perceptual digests; they are compared with the column pdq of the tables, and with the"
                            + " images themselves when these are encoded or trained on");
        }
    }

    private List<LedgerPart> judge(ClusterSession session, FilterJob job, List<LedgerManifest.Table> tables)
            throws IOException, InterruptedException {
        List<JudgeTask.Block> blocks = blocks(tables);
        Map<Integer, LedgerPart> finished = new TreeMap<>();
        List<JudgeTask.Block> left = new ArrayList<>();
        for (JudgeTask.Block block : blocks) {
            Optional<LedgerPart> before = LedgerPart.finished(parts, block.number());
            if (before.isPresent()) {
                finished.put(block.number(), before.get());
            } else {
                left.add(block);
            }
        }
        if (!finished.isEmpty()) {
            invocation.err().println(finished.size() + " of " + blocks.size() + " blocks were judged before");
        }
        try (ProgressWatch watch = new ProgressWatch("judging", invocation.err(), invocation.terminal())) {
            List<LedgerPart> judged = new ClusterJob(session)
                    .run(left, new JudgeTask(job), block -> block.rows().rows(), new Progress(watch));
            for (int i = 0; i < judged.size(); i++) {
                finished.put(left.get(i).number(), judged.get(i));
            }
        } finally {
            JudgeTask.close(job);
        }
        return List.copyOf(finished.values());
    }

    private List<JudgeTask.Block> blocks(List<LedgerManifest.Table> tables) {
        List<JudgeTask.Block> blocks = new ArrayList<>();
        int size = keys.filter().blockRows();
        for (LedgerManifest.Table table : tables) {
            for (long from = 0; from < table.rows(); from += size) {
                int rows = (int) Math.min(size, table.rows() - from);
                blocks.add(new JudgeTask.Block(blocks.size(), new RowBlock(table.file(), from, rows), table.sha256()));
            }
        }
        return blocks;
    }
}
