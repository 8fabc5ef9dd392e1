package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From an adapter that runs to one that files hold, and back. */
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

    /**
     * Attaches what a file holds for one network.
     *
     * @param layers the network's layers
     * @param modules by layer path, from {@link AdapterState#of}
     * @param trainable whether training goes on from there
     * @throws WrongCommandException if a module is for a layer that the network lacks, or does not fit its layer
     */
    public static Adapter attach(
            Kernels kernels, List<Layer> layers, Map<String, ModuleState> modules, boolean trainable) {
        requireTrainable(modules);
        Map<String, Layer> byPath = new LinkedHashMap<>();
        layers.forEach(layer -> byPath.put(layer.path(), layer));
        List<String> strangers = modules.keySet().stream()
                .filter(path -> !byPath.containsKey(path))
                .toList();
        if (!strangers.isEmpty()) {
            throw new WrongCommandException("the adapter changes " + strangers.size()
                    + " layers that this model does not have, " + strangers.get(0)
                    + " among them; it is for another model, name one that was trained on this model");
        }
        List<AdapterModule> attached = new ArrayList<>();
        try {
            for (Layer layer : layers) {
                ModuleState module = modules.get(layer.path());
                if (module != null) {
                    attached.add(module(kernels, layer, module, trainable));
                }
            }
        } catch (RuntimeException e) {
            attached.forEach(AdapterModule::close);
            throw e;
        }
        return new Adapter(kernels, attached);
    }

    /** Updates of biases and norms, and those that are functions of the base's weight, are merged and not trained. */
    private static void requireTrainable(Map<String, ModuleState> modules) {
        modules.forEach((path, module) -> {
            boolean norm = module.method() == AdapterMethod.FULL
                    && module.changesWeight()
                    && module.tensor(ModuleState.DIFF).shape().length < 2;
            if (norm || module.method().isOfBase() || module.changesBias()) {
                throw new WrongCommandException("the adapter's module " + path + " is "
                        + module.method().title()
                        + (norm ? " of a norm" : module.changesBias() ? " with a changed bias" : "")
                        + ", from which training cannot go on; merge the adapter into the model first (export"
                        + " format=[merged]) and train on that");
            }
        });
    }

    private static AdapterModule module(Kernels kernels, Layer layer, ModuleState module, boolean trainable) {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        module.tensors().forEach((role, source) -> {
            TensorView view = source.view();
            tensors.put(role, TensorView.ofFloats(view.toFloats(), view.shape()));
        });
        TensorView down = tensors.get("lora_down.weight");
        TensorView up = tensors.get("lora_up.weight");
        TensorView magnitude = tensors.get(WeightForm.MAGNITUDE);
        boolean byRow = magnitude == null || magnitude.elements() == layer.outputs();
        if (down == null || up == null || tensors.containsKey("lora_mid.weight") || !byRow) {
            return new WeightModule(
                    kernels, layer, new WeightForm(tensors, module.scale(), module.rank(), true), trainable);
        }
        long width = (long) layer.inputs() * layer.kernel() * layer.kernel();
        long rank = down.shape()[0];
        if (down.elements() != rank * width || up.elements() != rank * layer.outputs()) {
            throw new WrongCommandException(layer.path() + " has a weight " + TensorView.describe(layer.shape())
                    + ", and the adapter's matrices are " + TensorView.describe(up.shape()) + " and "
                    + TensorView.describe(down.shape())
                    + "; it is for another model, name one that was trained on this model");
        }
        float[] lengths = magnitude == null ? null : magnitude.toFloats();
        LowRankStart start = LowRankStart.of(down.toFloats(), up.toFloats(), lengths);
        return LowRank.of(kernels, layer, module.scale(), start, trainable);
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
        if (role.equals("dora_scale") && shape.length == 1) {
            shape = picture ? new long[] {shape[0], 1, 1, 1} : new long[] {shape[0], 1};
        } else if (role.startsWith("lora_") && picture && shape.length == 2) {
            shape = new long[] {shape[0], shape[1], 1, 1};
        }
        return TensorView.ofFloats(HostCopy.floats(array), shape);
    }
}
