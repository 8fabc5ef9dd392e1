package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.DType;
import atelier.diffusion.weights.Floats;
import atelier.diffusion.weights.TensorSource;
import atelier.diffusion.weights.TensorView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Other weights in the places of a network's own, which come back when this is closed: how adapters change between pictures
 * while the base stays loaded. Only for networks that run forward.
 */
public final class SwappedWeights implements AutoCloseable {
    /** Forms that a block may keep a layer's weight in. */
    private static final List<String> FORMS = List.of("weight", "packed", "adjoint");

    private final NDManager manager;
    private final List<Place> places = new ArrayList<>();

    private SwappedWeights(NDManager manager) {
        this.manager = manager;
    }

    /** A layer and its own weight's forms, put aside. */
    private record Place(Layer layer, Map<String, NDArray> own) {
        String key(String form) {
            return layer.local() + "." + form;
        }
    }

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
        try {
            for (Layer layer : layers) {
                TensorSource weight = weights.get(layer.path());
                if (weight != null) {
                    swapped.put(kernels, layer, precision, weight.view());
                }
            }
            return swapped;
        } catch (RuntimeException e) {
            swapped.close();
            throw e;
        }
    }

    private void put(Kernels kernels, Layer layer, Precision precision, TensorView weight) {
        BlockTensors block = layer.block();
        NDArray tensor = upload(kernels, layer, precision, weight);
        Place place = new Place(layer, new LinkedHashMap<>());
        for (String form : FORMS) {
            NDArray own = block.remove(place.key(form));
            if (own != null) {
                place.own().put(form, own);
            }
        }
        places.add(place);
        if (place.own().containsKey("packed")) {
            block.put(place.key("packed"), kernels.one(manager, "pack_conv", tensor, layer.stride(), layer.padding()));
            tensor.close();
        } else {
            block.put(place.key("weight"), tensor);
        }
    }

    private NDArray upload(Kernels kernels, Layer layer, Precision precision, TensorView weight) {
        ByteBuffer bytes = Floats.convert(weight, DType.F32).data();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining())
                .order(bytes.order())
                .put(bytes)
                .flip();
        long[] shape = layer.computedAsLinear() ? new long[] {layer.outputs(), layer.inputs()} : layer.shape();
        try (NDArray array = manager.create(direct, new Shape(weight.shape()), DataType.FLOAT32)) {
            return kernels.one(manager, "stored_copy", array, precision.code(), shape);
        }
    }

    /** Gives the network its own weights back. */
    @Override
    public void close() {
        for (Place place : places) {
            BlockTensors block = place.layer().block();
            FORMS.forEach(form -> block.remove(place.key(form)));
            place.own().forEach((form, tensor) -> block.put(place.key(form), tensor));
        }
        places.clear();
        manager.close();
    }
}
