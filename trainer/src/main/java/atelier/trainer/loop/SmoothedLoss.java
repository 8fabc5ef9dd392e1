package atelier.trainer.loop;

import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;

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
    public void save(StateWriter state) {
        state.number("loss_smoothed.sum", sum);
        state.number("loss_smoothed.weight", weight);
    }

    @Override
    public void load(StateReader state) {
        sum = state.number("loss_smoothed.sum", 0);
        weight = state.number("loss_smoothed.weight", 0);
    }
}
