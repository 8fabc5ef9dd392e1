package atelier.cluster.command;

import static atelier.common.error.Checks.check;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterSettings;
import atelier.cluster.engine.LocalCluster;
import atelier.common.file.NamedPath;
import java.util.Locale;

/** {@code cluster start}: a Spark cluster on this machine. */
public final class ClusterStartCommand implements Command {
    /** The keys. */
    record Settings(ClusterSettings cluster, int workers) {
        Settings {
            check(workers > 0, "workers must be at least 1, got %s", workers);
        }
    }

    @Override
    public String name() {
        return "cluster start";
    }

    @Override
    public String summary() {
        return "start a Spark cluster on this machine, for this machine alone";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Settings settings = invocation.settings(Settings.class);
        NamedPath.output("cluster.folder", settings.cluster().folder());
        String master = LocalCluster.start(settings.cluster(), settings.workers());
        invocation
                .out()
                .printf(
                        Locale.ROOT,
                        "started: %s, %d workers of %d cores and %s; cluster stop ends them%n",
                        master,
                        settings.workers(),
                        settings.cluster().cores(),
                        settings.cluster().memory());
        return ExitStatus.DONE;
    }
}
