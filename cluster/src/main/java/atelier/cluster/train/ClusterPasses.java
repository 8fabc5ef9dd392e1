package atelier.cluster.train;

import static atelier.common.error.Checks.check;

import atelier.cli.command.GatedTraining;
import atelier.cli.command.Invocation;
import atelier.cluster.engine.ClusterJob;
import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ClusterSettings;
import atelier.cluster.engine.ExecutorSettings;
import atelier.cluster.engine.Processor;
import atelier.trainer.loop.SentPass;
import atelier.trainer.loop.SentPasses;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.broadcast.Broadcast;

/**
 * Computes the passes of a step as one job, a task for each pass. Values go to all executors; a pass carries its noised
 * latents and text states, so that executors need the model and nothing else. Results come back in the order of the passes:
 * it does not matter how many executors there are, which of them computes what, nor whether one is lost and its pass computed
 * again.
 */
public final class ClusterPasses implements SentPasses.Elsewhere {
    private final ClusterSession session;
    private final ExecutorSettings settings;
    private final Transport transport;
    private final Consumer<String> says;
    private final Processor processors = new Processor();

    private ClusterPasses(
            ClusterSession session, ExecutorSettings settings, Transport transport, Consumer<String> says) {
        this.session = session;
        this.settings = settings;
        this.transport = transport;
        this.says = says;
    }

    /**
     * Connects.
     *
     * @param training what the run trains
     * @param run what it was asked
     * @throws atelier.common.error.WrongCommandException when it cannot be trained so
     */
    public static ClusterPasses open(
            ClusterSettings cluster, Transport transport, TrainingSettings training, Invocation run)
            throws IOException {
        check(
                training.train().devices().isEmpty(),
                "train.devices must be empty in cluster train: executors are the further devices, got %s",
                training.train().devices());
        check(
                !training.train().fullFinetune(),
                "train.full_finetune must be false in cluster train: all that is trained is sent with every step");
        ClusterSession session =
                ClusterSession.open(run.root(), cluster, "atelier train", job(cluster.cores()), run.err());
        // A run that is to stop finishes its step and saves it: Spark must not end with the signal.
        ShutdownHookManager.get().clearShutdownHooks();
        return new ClusterPasses(session, ExecutorSettings.of(run, GatedTraining.class), transport, run.err()::println);
    }

    /** Spark's settings for it. */
    static Map<String, String> job(int cores) {
        return Map.of(
                // A copy of the network has an executor to itself.
                "spark.task.cpus", Integer.toString(cores),
                // Numbers that are trained do not get smaller by it.
                "spark.broadcast.compress", "false",
                "spark.driver.maxResultSize", "0");
    }

    @Override
    public List<SentPass.Result> run(float[] values, List<SentPass> passes) {
        Broadcast<byte[]> sent = session.context().broadcast(transport.bytes(values));
        List<PassTask.Computed> computed;
        try {
            computed = session.context()
                    .parallelize(passes, passes.size())
                    .map(new PassTask(settings, transport, sent))
                    .collect();
        } catch (Exception e) {
            throw new ClusterJob(session).failure(e);
        } finally {
            sent.destroy();
        }
        List<SentPass.Result> results = new ArrayList<>();
        for (PassTask.Computed each : computed) {
            processors.note(each.processor(), says);
            results.add(new SentPass.Result(each.loss(), transport.numbers(each.gradients())));
        }
        return results;
    }

    @Override
    public void close() {
        session.close();
        try {
            // Where tasks ran in this process.
            PassTask.WORKERS.close();
        } catch (Exception e) {
            throw new IllegalStateException("a copy of the network could not be closed", e);
        }
    }
}
