package atelier.trainer.loop;

import atelier.trainer.state.Checkpointed;
import java.util.Map;

/** The loss as curves show it: an exponential mean over about fifty steps, its start not pulled towards 0. */
final class SmoothedLoss implements Checkpointed {
    private static final double KEPT = 0.98;

    private double sum;
    private double weight;

    /** Takes a step's loss and gives the mean. */
    double take(double loss) {
        sum = KEPT * sum + (1 - KEPT) * loss;
        weight = KEPT * weight + (1 - KEPT);
        return sum / weight;
    }

    @Override
    public String name() {
        return "loss_smoothed";
    }

    @Override
    public Map<String, Double> numbers() {
        return Map.of("sum", sum, "weight", weight);
    }

    @Override
    public void restore(Map<String, Double> numbers) {
        sum = numbers.getOrDefault("sum", 0.0);
        weight = numbers.getOrDefault("weight", 0.0);
    }
}
