package atelier.cluster.cache;

import atelier.cli.command.GatedTraining;
import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ClusterSettings;
import atelier.cluster.engine.ExecutorSettings;
import atelier.common.console.Progress;
import atelier.common.console.ProgressWatch;
import atelier.common.file.NamedPath;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.pairs.Pair;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.prepare.InitialAdapter;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.RunInputs;
import atelier.trainer.run.ShardEncoder;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Judges a run's pictures, and encodes those that may be used into the cache that the run reads. */
public final class ClusterCache {
    /** Where files lie and how many batches are made ahead does not matter to what is encoded. */
    private static final Set<String> WITHOUT =
            Set.of("data.pairs", "data.images", "data.masks", "data.prior_pairs", "data.prior_images", "data.prefetch");

    private final ClusterSettings cluster;
    private final int size;

    /** @param size pictures of a shard */
    public ClusterCache(ClusterSettings cluster, int size) {
        this.cluster = cluster;
        this.size = size;
    }

    /**
     * Encodes what is missing. The ledgers of all pictures go to the folder {@code judged} of the cache.
     *
     * @param run the settings of the run that is encoded for, with what was chosen
     * @throws atelier.common.error.RefusedException when consent or licence forbids it
     */
    public void run(Invocation run) throws IOException, InterruptedException {
        TrainingSettings training = run.settings(GatedTraining.class).training();
        ShardEncoder.requireSteady(training.data());
        RunInputs.requireDevices(
                training.device(),
                training.model().dtype(),
                training.train().cacheDtype(),
                training.train().devices());
        RunInputs inputs = RunInputs.read(
                training.model(),
                new InitialAdapter(training.adapter().initFrom()),
                training.data(),
                training.validation().heldOut());
        Path cache = training.train().cacheDir();
        NamedPath.output("train.cache_dir", cache);
        Consumer<String> says = run.err()::println;
        JudgedPairs pairs = judge(training, inputs, RunFolder.create(cache.resolve("judged")), says);
        List<Pair> all = new ArrayList<>(pairs.training());
        all.addAll(pairs.heldOut());
        List<Shard> shards = Shard.cut(all, pairs.digests(), facts(run), size);
        // A copy of the model has an executor to itself.
        Map<String, String> job = Map.of("spark.task.cpus", Integer.toString(cluster.cores()));
        try (ClusterSession session = ClusterSession.open(run.root(), cluster, "atelier cache", job, run.err())) {
            CacheJob.Summary done = CacheJob.summary(encode(run, session, cache, shards), says);
            run.out()
                    .printf(
                            Locale.ROOT,
                            "%d pictures in %d shards, %d of them new; %d cannot be used; %d executors, at most %d"
                                    + " models each: %s%n",
                            done.pictures(),
                            done.shards(),
                            done.written(),
                            done.faults(),
                            done.executors(),
                            done.models(),
                            cache);
        } finally {
            close();
        }
    }

    private static List<ShardTask.Done> encode(Invocation run, ClusterSession session, Path cache, List<Shard> shards)
            throws IOException, InterruptedException {
        ExecutorSettings settings = ExecutorSettings.of(run, GatedTraining.class);
        try (ProgressWatch watch = new ProgressWatch("encoding", run.err(), run.terminal())) {
            return new CacheJob(session, settings, cache, new Progress(watch)).run(shards);
        }
    }

    private static void close() {
        try {
            // Where tasks ran in this process.
            ShardTask.ENCODERS.close();
        } catch (Exception e) {
            throw new IllegalStateException("a model could not be closed", e);
        }
    }

    private static JudgedPairs judge(
            TrainingSettings training, RunInputs inputs, RunFolder folder, Consumer<String> says) throws IOException {
        JudgedPairs.Rules rules = new JudgedPairs.Rules(
                new ConsentSettings(training.optout(), training.licence()),
                training.data().captions().added(),
                training.data().onError(),
                training.validation().heldOut());
        try (LedgerWriter ledgers = new LedgerWriter()) {
            JudgedPairs pairs = JudgedPairs.judge(inputs, rules, folder, ledgers, says);
            ledgers.await();
            return pairs;
        }
    }

    /** All that decides how pictures and captions become examples. */
    private static String facts(Invocation run) {
        return new TreeMap<>(run.composition().flat())
                .entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("data.") && !WITHOUT.contains(entry.getKey()))
                        .map(Map.Entry::toString)
                        .collect(Collectors.joining("\n"));
    }
}
