package atelier.cluster.command;

import static atelier.common.error.Checks.check;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.GatedTraining;
import atelier.cli.command.Invocation;
import atelier.cli.config.Composition;
import atelier.cli.config.InlineKeys;
import atelier.cluster.cache.ClusterCache;
import atelier.cluster.engine.ClusterSettings;
import java.util.Set;

/** {@code cluster cache}: encodes the pictures and captions of a training run ahead of it. */
public final class ClusterCacheCommand implements Command {
    /** The keys: train's, so that the same words encode and train, and where it runs. */
    record Settings(@InlineKeys GatedTraining training, ClusterSettings cluster, ShardSettings shard) {}

    /**
     * The keys {@code shard.*}.
     *
     * @param pictures of a task
     */
    record ShardSettings(int pictures) {
        ShardSettings {
            check(pictures > 0, "shard.pictures must be at least 1, got %s", pictures);
        }
    }

    @Override
    public String name() {
        return "cluster cache";
    }

    @Override
    public String summary() {
        return "encode images and captions ahead of training, on several machines";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Settings settings = invocation.settings(Settings.class);
        Composition train = ChosenSettings.forTraining(
                invocation.composition().without(Set.of("cluster", "shard")),
                each -> each.bind(GatedTraining.class).training(),
                invocation.err()::println);
        new ClusterCache(settings.cluster(), settings.shard().pictures()).run(invocation.with(train));
        return ExitStatus.DONE;
    }
}
