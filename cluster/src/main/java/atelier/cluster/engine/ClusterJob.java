package atelier.cluster.engine;

import atelier.common.console.Progress;
import atelier.common.error.UserException;
import atelier.common.error.WorkFailedException;
import atelier.common.work.StopSignal;
import atelier.common.work.StoppedException;
import com.google.common.base.Throwables;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Runs one task for each of some inputs, tells how far it is, and stops when the user wants it to. */
public final class ClusterJob {
    private static final int LOOK_EVERY_MS = 200;

    private final ClusterSession session;

    public ClusterJob(ClusterSession session) {
        this.session = session;
    }

    /**
     * Runs the tasks; one that fails is tried again as often as spark.task.maxFailures says.
     *
     * @param size how much of the progress an input is
     * @return the results in the order of the inputs
     * @throws UserException as a task throws it
     * @throws StoppedException when the user stops the work; tasks that run are given up
     */
    public <A, B> List<B> run(List<A> inputs, Function<A, B> task, ToLongFunction<A> size, Progress progress)
            throws InterruptedException {
        if (inputs.isEmpty()) {
            return List.of();
        }
        Counter counter = new Counter();
        session.context().sc().addSparkListener(counter);
        try {
            progress.expect(inputs.stream().mapToLong(size).sum());
            JavaFutureAction<List<B>> running = session.context()
                    .parallelize(inputs, inputs.size())
                    .map(task)
                    .collectAsync();
            long shown = 0;
            while (true) {
                long done = counter.done(inputs, size);
                if (done > shown) {
                    progress.did(done - shown);
                    shown = done;
                }
                if (StopSignal.isHeard()) {
                    running.cancel(true);
                    throw new StoppedException();
                }
                try {
                    return running.get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    // It runs yet.
                }
            }
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            session.context().sc().removeSparkListener(counter);
        }
    }

    /** What a user is told of a job that failed: what a task threw for the user, or Spark's own reason. */
    public UserException failure(Exception failed) {
        for (Throwable cause : Throwables.getCausalChain(failed)) {
            if (cause instanceof UserException told) {
                return told;
            }
        }
        if (session.context().sc().isStopped()) {
            return new WorkFailedException(
                    "cluster.master=" + session.master()
                            + ": the master is not reached, or ended this work; check that it runs, and that"
                            + " cluster.secret_file names its secret. What is finished is kept",
                    failed);
        }
        String first = String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
        return new WorkFailedException(
                "the cluster gave a task up (" + first
                        + "); the executors' logs say more, and what is finished is kept",
                failed);
    }

    /** Counts tasks that ended well. */
    private static final class Counter extends SparkListener {
        private final AtomicLong tasks = new AtomicLong();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.taskInfo().successful()) {
                tasks.incrementAndGet();
            }
        }

        /** Tasks end in about the order in which they are started, which is the inputs'. */
        <A> long done(List<A> inputs, ToLongFunction<A> size) {
            return inputs.stream().limit(tasks.get()).mapToLong(size).sum();
        }
    }
}
