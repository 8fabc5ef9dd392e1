package atelier.cluster.command;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterSettings;
import atelier.cluster.engine.LocalCluster;
import java.util.Locale;

/** {@code cluster stop}: ends what {@code cluster start} started. */
public final class ClusterStopCommand implements Command {
    /** The keys. */
    record Settings(ClusterSettings cluster) {}

    @Override
    public String name() {
        return "cluster stop";
    }

    @Override
    public String summary() {
        return "end the cluster that cluster start started";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        ClusterSettings cluster = invocation.settings(Settings.class).cluster();
        int ended = LocalCluster.stop(cluster.folder());
        invocation
                .out()
                .println(
                        ended == 0
                                ? "no cluster of " + cluster.folder() + " was running"
                                : String.format(Locale.ROOT, "ended %d processes", ended));
        return ExitStatus.DONE;
    }
}
