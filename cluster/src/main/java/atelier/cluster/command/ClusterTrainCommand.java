package atelier.cluster.command;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.GatedTraining;
import atelier.cli.command.Invocation;
import atelier.cli.command.TrainCommand;
import atelier.cli.config.InlineKeys;
import atelier.cluster.engine.ClusterSettings;
import atelier.cluster.train.ClusterPasses;
import atelier.cluster.train.Transport;
import java.util.Set;

/**
 * {@code cluster train}: as {@code train}, with the passes of each step computed by executors. The run's folder is that of
 * train, and both commands go on with each other's runs.
 */
public final class ClusterTrainCommand implements Command {
    /** The keys: train's, and where it runs. */
    record Settings(@InlineKeys GatedTraining training, ClusterSettings cluster, PassSettings passes) {}

    /**
     * The keys {@code passes.*}.
     *
     * @param transport what numbers travel in
     */
    record PassSettings(Transport transport) {}

    @Override
    public String name() {
        return "cluster train";
    }

    @Override
    public String summary() {
        return "train on several machines, with the result of one";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Settings settings = invocation.settings(Settings.class);
        Invocation train = invocation.with(invocation.composition().without(Set.of("cluster", "passes")));
        return new TrainCommand((training, run) ->
                        ClusterPasses.open(settings.cluster(), settings.passes().transport(), training, run))
                .run(train);
    }
}
