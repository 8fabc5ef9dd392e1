package atelier.diffusion.adapter;

import atelier.diffusion.tensor.Layer;
import java.util.Map;

/** The weight's whole difference, zero at first: full fine-tuning that can be taken off, scaled and shared by itself. */
final class FullMatrix {
    private FullMatrix() {}

    static WeightForm fresh(Layer layer) {
        return new WeightForm(Map.of("diff", Starts.zeros(layer.shape())), 1, 0, true);
    }
}
