package atelier.trainer.loop;

import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.optimizer.ExponentialAverage;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.rule.Optimizers;
import atelier.trainer.schedule.LearningRate;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changes the trainable weights from step to step: dropout, the optimiser at its rate, limits on norms, the moving
 * average.
 */
public final class ParameterUpdate implements Trainer.Update, Checkpointed, AutoCloseable {
    private final TrainableWeights trainable;
    private final LearningRate rate;
    private final Regularisation limits;
    private final boolean drops;
    private final Optimizer optimizer;
    private final @Nullable ExponentialAverage average;

    /**
     * Makes the optimiser, and the average if one is asked for.
     *
     * @param settings of the optimiser
     * @param rate by step
     */
    public ParameterUpdate(
            Kernels kernels,
            TrainableWeights trainable,
            OptimizerSettings settings,
            LearningRate rate,
            Regularisation limits) {
        this.trainable = trainable;
        this.rate = rate;
        this.limits = limits;
        this.drops = limits.drop(trainable);
        this.optimizer = Optimizers.create(kernels, trainable.groups(), settings);
        this.average = settings.emaDecay() == 0
                ? null
                : new ExponentialAverage(kernels, trainable.groups(), settings.emaDecay(), settings.emaWarmup());
    }

    /**
     * What holds adapters back.
     *
     * @param dropouts what a step leaves out
     * @param maxNorm a layer's update of a larger norm is scaled down to it; 0 for none
     * @param seed of what is left out
     */
    public record Regularisation(Dropout dropouts, double maxNorm, long seed) {
        /** Nothing does. */
        public static final Regularisation NONE = new Regularisation(Dropout.NONE, 0, 0);

        private boolean drop(TrainableWeights trainable) {
            return !dropouts.equals(Dropout.NONE) && !trainable.adapters().isEmpty();
        }

        /** Draws what a step leaves out, before its first pass; the same in every copy of what is trained. */
        void begin(TrainableWeights copy, long step) {
            if (drop(copy)) {
                copy.dropout(dropouts, seed, step);
            }
        }
    }

    /** Draws what a step leaves out, before its first pass; the same in every copy of what is trained. */
    void begin(TrainableWeights copy, long step) {
        limits.begin(copy, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        double now = rate.at(step - 1);
        optimizer.step(now, step);
        if (limits.maxNorm() > 0 && !trainable.adapters().isEmpty()) {
            trainable.limitNorms(limits.maxNorm());
        }
        trainable.keepNorms();
        if (average != null) {
            average.update(step);
        }
        trainable.refresh();
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
    public void save(StateWriter state) {
        optimizer.save(state);
        if (average != null) {
            average.save(state);
        }
    }

    @Override
    public void load(StateReader state) {
        optimizer.load(state);
        if (average != null) {
            average.load(state);
        }
    }

    /**
     * Brings what is trained to what samples and exports use, nothing left out and averages in place, until the result is
     * closed.
     */
    public Optimizer.Evaluation evaluation() {
        if (drops) {
            trainable.dropout(Dropout.NONE, limits.seed(), 0);
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
