package atelier.cluster.cache;

import atelier.cluster.engine.ClusterJob;
import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ExecutorSettings;
import atelier.cluster.engine.Processor;
import atelier.common.console.Progress;
import atelier.trainer.cache.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Encodes shards as one job, a task for each. A task that is repeated, because its executor was lost or was slow, writes the
 * same files; a job that was stopped goes on with the shards whose files are not there.
 */
final class CacheJob {
    private static final int FAULTS_SHOWN = 10;

    private final ClusterSession session;
    private final ExecutorSettings settings;
    private final Path cache;
    private final Progress progress;

    /**
     * @param cache folder of the files
     * @param progress in pictures
     */
    CacheJob(ClusterSession session, ExecutorSettings settings, Path cache, Progress progress) {
        this.session = session;
        this.settings = settings;
        this.cache = cache;
        this.progress = progress;
    }

    /**
     * What a job did.
     *
     * @param written shards whose files were not there
     * @param pictures of all shards, those that cannot be used among them
     * @param faults pictures that cannot be used
     * @param models the most that a process loaded
     * @param executors that worked
     */
    record Summary(int shards, int written, int pictures, int faults, int models, int executors) {}

    /** Encodes the shards whose files are not there. */
    List<ShardTask.Done> run(List<Shard> shards) throws IOException, InterruptedException {
        try {
            return new ClusterJob(session)
                    .run(shards, new ShardTask(settings), shard -> shard.pairs().size(), progress);
        } finally {
            CacheFolder.sweep(cache, shards.stream().map(Shard::name).collect(Collectors.toSet()));
        }
    }

    /**
     * Sums up.
     *
     * @param says told what a user should know besides
     */
    static Summary summary(List<ShardTask.Done> done, Consumer<String> says) {
        Processor processors = new Processor();
        Map<String, Integer> models = new HashMap<>();
        for (ShardTask.Done each : done) {
            processors.note(each.processor(), says);
            models.merge(each.executor(), each.models(), Math::max);
        }
        done.stream()
                .map(ShardTask.Done::arithmetic)
                .distinct()
                .sorted()
                .forEach(each -> says.accept("runs find it that compute on: " + each));
        List<String> faults =
                done.stream().flatMap(each -> each.faults().stream()).toList();
        faults.stream().limit(FAULTS_SHOWN).forEach(says);
        return new Summary(
                done.size(),
                (int) done.stream().filter(ShardTask.Done::wrote).count(),
                done.stream().mapToInt(ShardTask.Done::pictures).sum(),
                faults.size(),
                models.values().stream().mapToInt(Integer::intValue).max().orElse(0),
                models.size());
    }
}
