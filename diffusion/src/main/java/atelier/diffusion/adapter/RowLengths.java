package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Prepacking;
import org.jspecify.annotations.Nullable;

/** DoRA's part of a low-rank update: trained row lengths, and their ratio to the updated weight's own. */
final class RowLengths {
    private final Kernels kernels;
    private final Layer layer;
    private final NDArray base;
    private final NDArray down;
    private final NDArray up;
    private final NDArray factor;
    private final NDArray magnitude;
    private final NDArray magnitudeGradient;
    private final NDArray ratio;
    private final NDArray ratioGradient;
    private final NDArray norms;

    /**
     * @param manager owns what is made here
     * @param product down, up and the factor that multiplies their product
     * @param lengths of the rows at first; null for those of the weight as it is
     */
    RowLengths(Kernels kernels, Layer layer, NDManager manager, NDList product, float @Nullable [] lengths) {
        this.kernels = kernels;
        this.layer = layer;
        down = product.get(0);
        up = product.get(1);
        factor = product.get(2);
        base = Prepacking.plain(layer, manager);
        Shape rows = new Shape(layer.outputs());
        norms = kernels.one(manager, "row_norms", base, down, up, factor);
        magnitude = lengths == null ? kernels.one(manager, "copy_of", norms) : manager.create(lengths);
        ratio = manager.ones(rows);
        ratioGradient = manager.zeros(rows, DataType.FLOAT32);
        magnitudeGradient = manager.zeros(rows, DataType.FLOAT32);
    }

    Parameter parameter() {
        return new Parameter(layer.path() + ".dora_scale", magnitude, magnitudeGradient);
    }

    NDArray magnitude() {
        return magnitude;
    }

    /** What the layer's kernel multiplies its rows by. */
    NDArray ratio() {
        return ratio;
    }

    NDArray ratioGradient() {
        return ratioGradient;
    }

    /** @param dropped whether the step does without the update: its rows are then the base's */
    void refresh(boolean dropped) {
        if (dropped) {
            kernels.run("ones_into", ratio);
            return;
        }
        kernels.run("decomposition_ratio", base, down, up, factor, magnitude, norms, ratio);
    }

    /** Turns the ratio's gradient into the lengths'. */
    void collect(boolean dropped) {
        if (dropped) {
            kernels.run("zero_all", new NDList(ratioGradient));
            return;
        }
        kernels.run("decomposition_grad", ratioGradient, norms, magnitudeGradient);
    }
}
