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
import java.util.Set;

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
            modules.merge(
                    new ModuleKey(component, module.layer().path()),
                    new ModuleState(method(module), tensors, module.alpha(), module.rank()),
                    AdapterFiles::withBias);
        }
        return new AdapterState(modules, Map.of());
    }

    /** One layer's update of its weight, and the change of its bias, which is a module of its own while it is trained. */
    private static ModuleState withBias(ModuleState one, ModuleState other) {
        ModuleState weight = one.changesWeight() ? one : other;
        Map<String, TensorSource> tensors = new LinkedHashMap<>(one.tensors());
        tensors.putAll(other.tensors());
        return new ModuleState(weight.method(), tensors, weight.alpha(), weight.rank());
    }

    /**
     * Attaches what a file holds for one network.
     *
     * @param layers the network's layers and norms
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
                if (module != null && module.changesWeight() && layer.kind() != Layer.Kind.NORM) {
                    attached.add(module(kernels, layer, module, trainable));
                }
            }
            for (Layer layer : layers) {
                ModuleState module = modules.get(layer.path());
                if (module != null && (module.changesBias() || layer.kind() == Layer.Kind.NORM)) {
                    attached.add(vectors(kernels, layer, module, trainable));
                }
            }
        } catch (RuntimeException e) {
            attached.forEach(AdapterModule::close);
            throw e;
        }
        return new Adapter(kernels, attached);
    }

    /** Whole weights and biases, and what PEFT alone has, are merged and not trained. */
    private static void requireTrainable(Map<String, ModuleState> modules) {
        modules.forEach((path, module) -> {
            Set<String> roles = module.tensors().keySet();
            boolean whole = module.method() == AdapterMethod.REPLACEMENT || roles.contains(ModuleState.SET_BIAS);
            boolean ofPeft = roles.contains(ModuleState.WITH_BIAS) || roles.contains(ModuleState.ROTATIONS);
            if (whole || ofPeft || module.oldGlora()) {
                throw new WrongCommandException("the adapter's module " + path + " is "
                        + module.method().title()
                        + (ofPeft ? " in PEFT's form" : module.oldGlora() ? " of LyCORIS 1" : " in place of the base's")
                        + ", from which training cannot go on; merge the adapter into the model first (export"
                        + " format=[merged]) and train on that");
            }
        });
    }

    private static AdapterModule module(Kernels kernels, Layer layer, ModuleState module, boolean trainable) {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        module.tensors().forEach((role, source) -> {
            TensorView view = source.view();
            if (!role.equals(ModuleState.DIFF_B)) {
                tensors.put(role, TensorView.ofFloats(view.toFloats(), view.shape()));
            }
        });
        TensorView down = tensors.get("lora_down.weight");
        TensorView up = tensors.get("lora_up.weight");
        TensorView magnitude = tensors.get(WeightForm.MAGNITUDE);
        boolean byRow = magnitude == null || magnitude.elements() == layer.outputs();
        if (down == null || up == null || tensors.containsKey("lora_mid.weight") || !byRow) {
            double constraint = tensors.containsKey(ModuleState.OFT_BLOCKS) ? module.alpha() : 0;
            WeightForm form = new WeightForm(tensors, module.scale(), module.rank(), true, constraint);
            return new WeightModule(kernels, layer, form, trainable);
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

    private static VectorDifference vectors(Kernels kernels, Layer layer, ModuleState module, boolean trainable) {
        Map<String, TensorView> start = new LinkedHashMap<>();
        for (String role : List.of(ModuleState.DIFF, ModuleState.DIFF_B)) {
            boolean own = role.equals(ModuleState.DIFF_B) || layer.kind() == Layer.Kind.NORM;
            TensorSource source = own ? module.tensors().get(role) : null;
            if (source != null && source.view().elements() != layer.outputs()) {
                throw new WrongCommandException(layer.path() + " has vectors of " + layer.outputs()
                        + " numbers, and the adapter's change has "
                        + source.view().elements()
                        + "; it is for another model, name one that was trained on this model");
            }
            if (source != null) {
                start.put(role, source.view());
            }
        }
        if (!layer.bias()) {
            throw new WrongCommandException("the adapter changes the bias of " + layer.path()
                    + ", which has none in this model; name one that was trained on this model");
        }
        return VectorDifference.of(kernels, layer, start, trainable);
    }

    private static AdapterMethod method(AdapterModule module) {
        Map<String, NDArray> tensors = module.tensors();
        if (tensors.containsKey("lora_down.weight")) {
            return AdapterMethod.LORA;
        } else if (tensors.containsKey("hada_w1_a")) {
            return AdapterMethod.LOHA;
        } else if (tensors.containsKey("a1.weight")) {
            return AdapterMethod.GLORA;
        } else if (tensors.containsKey(ModuleState.ON_INPUT)) {
            return AdapterMethod.IA3;
        }
        NDArray blocks = tensors.get(ModuleState.OFT_BLOCKS);
        if (blocks != null) {
            return blocks.getShape().dimension() == 4 ? AdapterMethod.BOFT : AdapterMethod.OFT;
        }
        if (module instanceof VectorDifference) {
            return AdapterMethod.FULL;
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
