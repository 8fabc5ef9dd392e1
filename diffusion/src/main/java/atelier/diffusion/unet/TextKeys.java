package atelier.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Segment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The keys and values that a text gives in every cross-attention of a UNet: they are the same at all steps of a drawing. */
public final class TextKeys implements AutoCloseable {
    private final NDManager manager;
    private final Map<Segment, NDList> keys = new HashMap<>();

    /** @param states text states as the network computes in them */
    TextKeys(Kernels kernels, List<Segment> crossAttention, NDArray states) {
        this.manager = kernels.manager().newSubManager();
        for (Segment segment : crossAttention) {
            keys.put(segment, kernels.call(manager, "attention_keys", segment.tensors(), states));
        }
    }

    /** Keys and values [n, tokens, channels] of one cross-attention. */
    NDList of(Segment segment) {
        return Objects.requireNonNull(keys.get(segment));
    }

    @Override
    public void close() {
        manager.close();
    }
}
