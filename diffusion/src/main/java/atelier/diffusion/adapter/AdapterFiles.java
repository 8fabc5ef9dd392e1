package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.TensorSource;
import atelier.diffusion.weights.TensorView;
import atelier.diffusion.weights.adapter.AdapterMethod;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.ModuleKey;
import atelier.diffusion.weights.adapter.ModuleState;
import java.util.LinkedHashMap;
import java.util.Map;

/** From an adapter that runs to one that files hold. */
public final class AdapterFiles {
    private AdapterFiles() {}

    /**
     * The adapter's tensors as they are now, fp32, in the shapes of weight files.
     *
     * @param component the network that it belongs to
     */
    public static AdapterState state(Adapter adapter, Component component) {
        Map<ModuleKey, ModuleState> modules = new LinkedHashMap<>();
        for (AdapterModule module : adapter.modules()) {
            Map<String, TensorSource> tensors = new LinkedHashMap<>();
            module.tensors().forEach((role, array) -> tensors.put(role, stored(module.layer(), role, array)));
            modules.put(
                    new ModuleKey(component, module.layer().path()),
                    new ModuleState(method(module), tensors, module.alpha(), module.rank()));
        }
        return new AdapterState(modules, Map.of());
    }

    private static AdapterMethod method(AdapterModule module) {
        if (module.tensors().containsKey("lora_down.weight")) {
            return AdapterMethod.LORA;
        } else if (module.tensors().containsKey("hada_w1_a")) {
            return AdapterMethod.LOHA;
        }
        return module.rank() == 0 && module.tensors().containsKey("diff") ? AdapterMethod.FULL : AdapterMethod.LOKR;
    }

    /** A matrix of a layer that files hold as a convolution gets that form's two last dimensions. */
    private static TensorView stored(Layer layer, String role, NDArray array) {
        long[] shape = array.getShape().getShape();
        boolean picture = layer.kind() != Layer.Kind.LINEAR;
        if (role.equals("dora_scale")) {
            shape = picture ? new long[] {shape[0], 1, 1, 1} : new long[] {shape[0], 1};
        } else if (role.startsWith("lora_") && picture && shape.length == 2) {
            shape = new long[] {shape[0], shape[1], 1, 1};
        }
        return TensorView.ofFloats(array.toFloatArray(), shape);
    }
}
