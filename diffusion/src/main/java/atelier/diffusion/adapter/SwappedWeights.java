package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Prepacking;
import atelier.diffusion.tensor.Prepacking.Layouts;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Other weights in the places of a network's own, which come back when this is closed: how adapters change between pictures
 * while the base stays loaded. Only for networks that run forward.
 */
public final class SwappedWeights implements AutoCloseable {
    private final NDManager manager;
    private final List<Place> places = new ArrayList<>();

    private SwappedWeights(NDManager manager) {
        this.manager = manager;
    }

    /** A layer and its own weight, put aside. */
    private record Place(Layer layer, Map<String, NDArray> own) {}

    /**
     * Puts weights in place.
     *
     * @param layers the network's
     * @param precision the network's
     * @param weights by layer path, in the shapes of weight files
     */
    public static SwappedWeights put(
            Kernels kernels, List<Layer> layers, Precision precision, Map<String, ? extends TensorSource> weights) {
        SwappedWeights swapped = new SwappedWeights(kernels.manager().newSubManager());
        Prepacking prepacking = new Prepacking(kernels, precision);
        try {
            for (Layer layer : layers) {
                TensorSource weight = weights.get(layer.path());
                if (weight != null) {
                    swapped.put(kernels, prepacking, layer, precision, weight.view());
                }
            }
            return swapped;
        } catch (RuntimeException e) {
            swapped.close();
            throw e;
        }
    }

    private void put(Kernels kernels, Prepacking prepacking, Layer layer, Precision precision, TensorView weight) {
        Map<String, NDArray> forms = forms(kernels, prepacking, layer, precision, weight);
        places.add(new Place(layer, Prepacking.take(layer)));
        Prepacking.put(layer, forms);
    }

    private Map<String, NDArray> forms(
            Kernels kernels, Prepacking prepacking, Layer layer, Precision precision, TensorView weight) {
        ByteBuffer bytes = Floats.convert(weight, DType.F32).data();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining())
                .order(bytes.order())
                .put(bytes)
                .flip();
        long[] shape = layer.computedShape();
        try (NDArray array = manager.create(direct, new Shape(weight.shape()), DataType.FLOAT32)) {
            Layouts layouts = Prepacking.forward(layer);
            if (prepacking.possible(layer, layouts)) {
                return prepacking.pack(manager, layer, array, layouts);
            }
            String kernel = NetworkLoader.isSpatial(shape) ? "stored_channels_last" : "stored_copy";
            return Map.of("weight", kernels.one(manager, kernel, array, precision.code(), shape));
        }
    }

    /** Gives the network its own weights back. */
    @Override
    public void close() {
        for (Place place : places) {
            Prepacking.take(place.layer());
            Prepacking.put(place.layer(), place.own());
        }
        places.clear();
        manager.close();
    }
}
