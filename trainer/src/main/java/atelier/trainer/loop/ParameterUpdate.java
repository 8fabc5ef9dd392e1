package atelier.trainer.loop;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.optimizer.ExponentialAverage;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.rule.Optimizers;
import atelier.trainer.schedule.LearningRate;
import atelier.trainer.settings.TrainingSettings;
import atelier.trainer.state.Checkpointed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What changes that which is trained from step to step: dropout, the optimiser at its rate, limits on norms, the moving average. */
public final class ParameterUpdate implements Trainer.Update, Checkpointed, AutoCloseable {
    private final TrainableWeights trainable;
    private final AdapterSettings plan;
    private final long seed;
    private final boolean drops;
    private final LearningRate rate;
    private final Optimizer optimizer;
    private final @Nullable ExponentialAverage average;

    public ParameterUpdate(TrainingSettings settings, Kernels kernels, TrainableWeights trainable) {
        this.trainable = trainable;
        this.plan = settings.adapter();
        this.seed = settings.train().seed();
        this.drops =
                !plan.dropouts().equals(Dropout.NONE) && !trainable.adapters().isEmpty();
        this.rate = new LearningRate(
                settings.schedule(), settings.optimizer().lr(), settings.train().steps());
        this.optimizer = Optimizers.create(kernels, trainable.groups(), settings.optimizer());
        double decay = settings.optimizer().emaDecay();
        this.average = decay == 0
                ? null
                : new ExponentialAverage(
                        kernels, trainable.groups(), decay, settings.optimizer().emaWarmup());
    }

    /** Draws what a step leaves out, before its first pass; the same in every copy of what is trained. */
    void begin(TrainableWeights copy, long step) {
        if (drops) {
            copy.dropout(plan.dropouts(), seed, step);
        }
    }

    @Override
    public Map<String, Double> step(long step) {
        double now = rate.at(step - 1);
        optimizer.step(now, step);
        if (plan.maxNorm() > 0 && !trainable.adapters().isEmpty()) {
            trainable.limitNorms(plan.maxNorm());
        }
        if (average != null) {
            average.update(step);
        }
        Map<String, Double> rates = new LinkedHashMap<>();
        rates.put(MetricRow.LEARNING_RATE, now);
        rateNames().forEach((name, factor) -> rates.put(name, now * factor));
        return rates;
    }

    /** What metrics call the rates of groups, with their factors; none where all are trained at one rate. */
    public Map<String, Double> rateNames() {
        Map<String, Double> names = new LinkedHashMap<>();
        for (ParameterGroup group : optimizer.groups()) {
            names.put(MetricRow.LEARNING_RATE + "." + group.name().replace(' ', '.'), group.rateFactor());
        }
        return names.size() > 1 ? names : Map.of();
    }

    @Override
    public String name() {
        return "optimizer";
    }

    /** All tensors that a resume needs beside the parameters, live. */
    public Map<String, NDArray> tensors() {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        optimizer.tensors().forEach((name, array) -> tensors.put("optimizer." + name, array));
        if (average != null) {
            tensors.putAll(average.tensors());
        }
        return tensors;
    }

    @Override
    public Map<String, Double> numbers() {
        return optimizer.numbers();
    }

    @Override
    public void restore(Map<String, Double> numbers) {
        optimizer.restore(numbers);
    }

    /**
     * Brings what is trained to what samples and exports use, nothing left out and averages in place, until the result is
     * closed.
     */
    public Optimizer.Evaluation evaluation() {
        if (drops) {
            trainable.dropout(Dropout.NONE, seed, 0);
        }
        Optimizer.Evaluation evaluation = average == null ? optimizer.evaluation() : average.evaluation();
        trainable.refresh();
        return () -> {
            evaluation.close();
            trainable.refresh();
        };
    }

    @Override
    public void close() {
        optimizer.close();
        if (average != null) {
            average.close();
        }
    }
}
