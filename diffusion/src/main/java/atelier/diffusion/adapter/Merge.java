package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Base and adapter in one set of weights. */
public final class Merge {
    private Merge() {}

    /**
     * The checkpoint with an adapter's updates in its weights: fp32, computed one tensor at a time as they are read.
     * The adapter must stay open until they have been.
     *
     * @param component the network that the adapter belongs to
     * @param strength multiplies the updates
     */
    public static Checkpoint into(
            Checkpoint base, Component component, Adapter adapter, double strength, Kernels kernels) {
        Map<String, TensorSource> merged = new LinkedHashMap<>();
        for (AdapterModule module : adapter.modules()) {
            Layer layer = module.layer();
            if (module instanceof VectorDifference vectors) {
                vectors(vectors, strength, base.component(component).sources(), merged);
                continue;
            }
            merged.put(
                    layer.path() + ".weight",
                    TensorSource.of(DType.F32, layer.shape(), () -> weight(module, strength, kernels)));
        }
        return base.withWeights(component, merged);
    }

    private static void vectors(
            VectorDifference module,
            double strength,
            Map<String, TensorSource> base,
            Map<String, TensorSource> merged) {
        module.tensors().forEach((role, difference) -> {
            String name = module.layer().path() + (role.equals(ModuleState.DIFF) ? ".weight" : ".bias");
            TensorSource before = Objects.requireNonNull(base.get(name));
            merged.put(name, TensorSource.of(DType.F32, before.shape(), () -> {
                float[] values = before.view().toFloats();
                float[] change = HostCopy.floats(difference);
                for (int i = 0; i < values.length; i++) {
                    values[i] += (float) strength * change[i];
                }
                return TensorView.ofFloats(values, before.shape()).data();
            }));
        });
    }

    private static ByteBuffer weight(AdapterModule module, double strength, Kernels kernels) {
        try (NDManager scope = kernels.manager().newSubManager()) {
            NDArray base = module.layer().base().load(scope, Precision.FP32);
            NDArray update = module.update(scope);
            float[] values = HostCopy.floats(kernels.one(scope, "merged_weight", base, update, strength));
            return TensorView.ofFloats(values, module.layer().shape()).data();
        }
    }
}
