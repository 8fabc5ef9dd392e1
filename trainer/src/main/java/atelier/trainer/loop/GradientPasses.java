package atelier.trainer.loop;

import atelier.datasets.batch.Example;
import atelier.diffusion.model.TextConditioning;
import atelier.trainer.step.StepPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Cuts a step's examples into passes, deals them out to the replicas, and sums the gradients: each pass counts by its
 * share of the examples, so that the sum is the gradient of the whole step's mean however it was cut.
 */
public final class GradientPasses implements Accumulation {
    private final List<DeviceReplica> replicas;
    private final ParameterUpdate update;
    private final int batchSize;
    private final Plans plans;
    private final TrainStep.Loss loss;
    private final ExecutorService threads;

    /**
     * @param replicas the first is the one whose parameters the optimiser changes
     * @param batchSize the most examples in a pass
     */
    public GradientPasses(
            List<DeviceReplica> replicas, ParameterUpdate update, int batchSize, Plans plans, TrainStep.Loss loss) {
        this.replicas = List.copyOf(replicas);
        this.update = update;
        this.batchSize = batchSize;
        this.plans = plans;
        this.loss = loss;
        this.threads = Executors.newFixedThreadPool(replicas.size(), task -> {
            Thread thread = new Thread(task, "replica");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Makes examples ready for a pass. */
    @FunctionalInterface
    public interface Plans {
        /**
         * @param position of the first of them in the step
         * @param text of the replica that runs the pass
         */
        StepPlan of(List<Example> examples, long step, int position, TextConditioning.Source text) throws IOException;
    }

    @Override
    public PendingLoss run(List<Example> examples, long step, double lossScale)
            throws IOException, InterruptedException {
        TrainableWeights first = replicas.get(0).trainable();
        for (DeviceReplica replica : replicas) {
            if (replica.trainable() != first) {
                replica.trainable().follow(first);
            }
            update.begin(replica.trainable(), step);
            replica.trainable().zeroGradients();
        }
        PendingLoss sum = PendingLoss.of(0);
        int n = examples.size();
        int at = 0;
        while (at < n) {
            boolean again = at > 0;
            List<Callable<PendingLoss>> round = new ArrayList<>();
            for (DeviceReplica replica : replicas) {
                List<Example> part = examples.subList(at, Math.min(n, at + batchSize));
                if (!part.isEmpty()) {
                    double share = part.size() / (double) n;
                    StepPlan plan = plans.of(part, step, at, replica.text());
                    round.add(() -> {
                        if (again) {
                            replica.trainable().gather();
                        }
                        PendingLoss made = replica.step().start(plan, loss, share, lossScale);
                        // Only the first device's is read together with the gradients.
                        return replica.trainable() == first ? made : PendingLoss.of(made.await());
                    });
                    at += part.size();
                }
            }
            together(round).forEach(sum::add);
        }
        for (DeviceReplica replica : replicas) {
            replica.trainable().collect();
            if (replica.trainable() != first) {
                first.addGradients(replica.trainable());
            }
        }
        return sum;
    }

    /** The results in the order of the passes, so that sums do not depend on which was done first. */
    private List<PendingLoss> together(List<Callable<PendingLoss>> round) throws IOException, InterruptedException {
        List<PendingLoss> results = new ArrayList<>();
        try {
            if (round.size() == 1) {
                results.add(round.get(0).call());
                return results;
            }
            for (Future<PendingLoss> future : threads.invokeAll(round)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException("a pass failed", e.getCause());
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a pass failed", e);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        replicas.forEach(DeviceReplica::close);
    }
}
