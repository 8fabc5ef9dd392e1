package atelier.diffusion.adapter;

import atelier.diffusion.tensor.Layer.Group;
import java.util.List;

/**
 * The group {@code adapter} of the configuration.
 *
 * @param method how a layer's update is written
 * @param rank inner width of the update
 * @param alpha the update is multiplied by alpha / rank, or alpha / sqrt(rank) with useRslora
 * @param targets groups of layers that get an update
 * @param useRslora whether the scale is rank-stabilised (Kalajdzievski 2023)
 */
public record AdapterSettings(
        AdapterMethodName method, int rank, double alpha, List<Group> targets, boolean useRslora) {
    public AdapterSettings {
        targets = List.copyOf(targets);
        if (rank < 1) {
            throw new IllegalArgumentException("adapter.rank must be at least 1, got " + rank);
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("adapter.alpha must be above 0, got " + alpha);
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("adapter.targets must name at least one group of layers: attention,"
                    + " feed_forward, projections, resnets, samplers, time_embedding or other");
        }
    }

    /** What the product of the two matrices is multiplied by. */
    public double scale() {
        return useRslora ? alpha / Math.sqrt(rank) : alpha / rank;
    }
}
