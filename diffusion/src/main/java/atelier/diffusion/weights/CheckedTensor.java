package atelier.diffusion.weights;

import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Finite;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.ByteBuffer;

/** A tensor that is refused, by its place and name, when its bytes are asked for and one of its numbers is not finite. */
final class CheckedTensor implements TensorSource {
    private final String place;
    private final String name;
    private final TensorSource tensor;
    /** A computed tensor is looked at each time: what it is computed from may differ. */
    private volatile boolean known;

    private CheckedTensor(String place, String name, TensorSource tensor) {
        this.place = place;
        this.name = name;
        this.tensor = tensor;
    }

    static TensorSource of(String place, String name, TensorSource tensor) {
        return tensor instanceof CheckedTensor ? tensor : new CheckedTensor(place, name, tensor);
    }

    @Override
    public DType dtype() {
        return tensor.dtype();
    }

    @Override
    public long[] shape() {
        return tensor.shape();
    }

    @Override
    public ByteBuffer data() {
        return view().data();
    }

    @Override
    public TensorView view() {
        TensorView view = tensor.view();
        if (!known) {
            Finite.require(place, name, view);
            known = tensor instanceof TensorView;
        }
        return view;
    }
}
