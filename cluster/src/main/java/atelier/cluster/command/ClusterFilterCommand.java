package atelier.cluster.command;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterSession;
import atelier.cluster.filter.FilterKeys;
import atelier.cluster.filter.FilterRun;
import atelier.common.file.FolderLock;
import atelier.common.file.NamedPath;
import atelier.datasets.consent.ledger.LedgerManifest;
import java.nio.file.Files;
import java.util.Map;

/** {@code cluster filter}: a verdict for every row of tables of any size. */
public final class ClusterFilterCommand implements Command {
    @Override
    public String name() {
        return "cluster filter";
    }

    @Override
    public String summary() {
        return "decide for every row of Parquet tables whether its image may be trained on, on several processes";
    }

    @Override
    public Class<? extends Record> settings() {
        return FilterKeys.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        FilterKeys keys = invocation.settings(FilterKeys.class);
        NamedPath.output("out", keys.out());
        Files.createDirectories(keys.out());
        LedgerManifest manifest;
        try (FolderLock alone = FolderLock.toWrite(keys.out(), name(), "wait for it, or name another folder");
                ClusterSession session =
                        ClusterSession.open(invocation.root(), keys.cluster(), name(), Map.of(), invocation.err())) {
            manifest = new FilterRun(invocation, keys).run(session);
        }
        invocation.composition().save(keys.out(), FilterKeys.class);
        invocation.out().println(manifest.summary());
        manifest.rules().forEach((rule, count) -> invocation.out().println("  " + rule + ": " + count));
        invocation
                .out()
                .println("ledger: " + keys.out().resolve(LedgerManifest.NAME) + " (sha256 of its parts "
                        + manifest.partsSha256() + ")");
        return ExitStatus.DONE;
    }
}
