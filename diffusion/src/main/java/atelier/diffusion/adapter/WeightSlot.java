package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Prepacking;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A layer's place for a weight in its block: another weight can stand there, and the base's is put aside meanwhile.
 */
final class WeightSlot {
    private final Layer layer;
    private final NDArray base;
    private final NDArray effective;
    private final Map<String, NDArray> replacement = new LinkedHashMap<>();
    private Map<String, NDArray> own = Map.of();
    private boolean occupied;

    /**
     * Puts a copy of the base weight in its place.
     *
     * @param manager owns what is made here
     * @param trainable whether backward passes are to leave the gradient of the weight in {@link #gradient}
     */
    WeightSlot(Kernels kernels, Layer layer, NDManager manager, boolean trainable) {
        this.layer = layer;
        BlockTensors block = layer.block();
        if (block.has(key("down")) || block.has(key("weight.grad"))) {
            throw new IllegalStateException(layer.path() + " has an adapter already; detach it first");
        }
        this.base = Prepacking.plain(layer, manager);
        this.effective = kernels.one(manager, "copy_of", base);
        replacement.put("weight", effective);
        if (trainable) {
            replacement.put("weight.grad", manager.zeros(base.getShape(), DataType.FLOAT32));
        }
        occupy();
    }

    private String key(String form) {
        return layer.local() + "." + form;
    }

    /** The frozen weight, of the block's precision. */
    NDArray base() {
        return base;
    }

    /** The weight that stands in its place; changed in place. */
    NDArray effective() {
        return effective;
    }

    /** The gradient of the weight in place, fp32. */
    NDArray gradient() {
        NDArray gradient = replacement.get("weight.grad");
        if (gradient == null) {
            throw new IllegalStateException(layer.path() + " is not trainable");
        }
        return gradient;
    }

    /** Puts the replacement in place; nothing where it is there. */
    void occupy() {
        if (occupied) {
            return;
        }
        own = Prepacking.take(layer);
        replacement.forEach((form, tensor) -> layer.block().put(key(form), tensor));
        occupied = true;
    }

    /** Gives the base its place back; nothing where it has it. */
    void vacate() {
        if (!occupied) {
            return;
        }
        BlockTensors block = layer.block();
        replacement.keySet().forEach(form -> block.remove(key(form)));
        Prepacking.put(layer, own);
        occupied = false;
    }
}
