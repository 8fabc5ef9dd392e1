package atelier.cluster.cache;

import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ExecutorSettings;
import atelier.cluster.engine.JobFailure;
import atelier.cluster.engine.Processor;
import atelier.common.work.StopSignal;
import atelier.trainer.cache.CacheFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Encodes shards as one job, a task for each. A task that is repeated, because its executor was lost or was slow, writes the
 * same files; a job that was stopped goes on with the shards whose files are not there.
 */
final class CacheJob {
    private static final int LOOK_EVERY_SECONDS = 2;
    private static final int FAULTS_SHOWN = 10;

    private final ClusterSession session;
    private final ExecutorSettings settings;
    private final Path cache;
    private final Consumer<String> says;

    /** @param cache folder of the files */
    CacheJob(ClusterSession session, ExecutorSettings settings, Path cache, Consumer<String> says) {
        this.session = session;
        this.settings = settings;
        this.cache = cache;
        this.says = says;
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

    Summary run(List<Shard> shards) throws IOException, InterruptedException {
        List<ShardTask.Done> done;
        try {
            done = await(
                    session.context()
                            .parallelize(shards, shards.size())
                            .map(new ShardTask(settings))
                            .collectAsync(),
                    shards.size());
        } finally {
            CacheFolder.sweep(cache, shards.stream().map(Shard::name).collect(Collectors.toSet()));
        }
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

    private List<ShardTask.Done> await(JavaFutureAction<List<ShardTask.Done>> job, int all)
            throws InterruptedException {
        int told = 0;
        while (true) {
            try {
                return job.get(LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                int now = finished(job);
                if (now >= told + Math.max(1, all / 20)) {
                    says.accept(now + " of " + all + " shards");
                    told = now;
                }
                if (StopSignal.isHeard()) {
                    job.cancel(true);
                    StopSignal.check();
                }
            } catch (ExecutionException e) {
                // Spark ends with the signal that ends this process.
                StopSignal.check();
                throw JobFailure.of("encoding", e);
            }
        }
    }

    private int finished(JavaFutureAction<?> job) {
        JavaSparkContext context = session.context();
        int tasks = 0;
        for (int id : job.jobIds()) {
            SparkJobInfo info = context.statusTracker().getJobInfo(id);
            for (int stage : info == null ? new int[0] : info.stageIds()) {
                SparkStageInfo each = context.statusTracker().getStageInfo(stage);
                tasks += each == null ? 0 : each.numCompletedTasks();
            }
        }
        return tasks;
    }
}
