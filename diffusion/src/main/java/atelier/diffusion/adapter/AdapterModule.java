package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import java.util.List;
import java.util.Map;

/** The update of one layer, whatever its method: what is trained, and how the layer's block is to use it. */
public interface AdapterModule extends AutoCloseable {
    Layer layer();

    /** What is trained; empty when the module is attached for inference only. */
    List<Parameter> parameters();

    /** Brings what derives from the parameters up to date; called after every change of them, before a forward pass. */
    default void refresh() {}

    /** Turns gradients of derived tensors into gradients of the parameters; called after all backward passes of a step. */
    default void collect() {}

    /** Multiplies the whole update; 0 leaves the layer exactly as the base has it. */
    void strength(double strength);

    /**
     * Draws what the next step leaves out, and refreshes what derives from it.
     *
     * @param random the module's own stream of that step
     * @throws WrongCommandException for a kind of dropout that the method does not have
     */
    void dropout(Dropout rates, TorchRandom random);

    /**
     * Scales the parameters down so that the update's Frobenius norm, lengths aside, is at most this; gives the norm that
     * it had. Refresh afterwards.
     */
    double limitNorm(double most);

    /** The update of the weight at strength 1, fp32, of the shape that the kernel takes. The caller closes it. */
    NDArray update(NDManager scope);

    /**
     * The module's tensors by the roles of weight files (down, up, alpha, dora_scale, ...), in their stored shapes.
     * They stay the module's own.
     */
    Map<String, NDArray> tensors();

    /** Alpha as files state it: the update is alpha / rank times the product, unless the method says otherwise. */
    double alpha();

    /** The rank of the update; 0 for methods without one. */
    int rank();

    /** Takes the update off the layer and frees its tensors. */
    @Override
    void close();
}
