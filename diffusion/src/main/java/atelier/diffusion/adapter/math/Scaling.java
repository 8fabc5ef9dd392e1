package atelier.diffusion.adapter.math;

import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adapters whose updates are multiplied once and for all, so that readers need no strength. */
public final class Scaling {
    private Scaling() {}

    /**
     * The adapter at the given strengths; layers at 0 are left out. The factor goes into alpha where the method has one,
     * which costs no precision.
     *
     * @throws WeightsException for DoRA at another strength than 1: its update is no fixed matrix
     */
    public static AdapterState scaled(AdapterState adapter, AdapterArithmetic.Strength strength) {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        adapter.modules().forEach((key, module) -> {
            double factor = strength.of(key);
            if (factor == 1) {
                modules.put(key, module);
            } else if (factor != 0) {
                modules.put(key, scaled(key, module, factor));
            }
        });
        if (modules.isEmpty() && adapter.embeddings().isEmpty()) {
            throw new WeightsException("nothing is left of the adapter: every layer's strength is 0");
        }
        return new AdapterState(modules, adapter.metadata(), adapter.embeddings(), List.of());
    }

    private static ModuleState scaled(ModuleKey key, ModuleState module, double factor) {
        boolean linear = switch (module.method()) {
            case LORA, LOHA, LOKR, FULL, GLORA, IA3 -> !module.tensors().containsKey(ModuleState.SET_BIAS);
            case OFT, BOFT, REPLACEMENT -> false;
        };
        if (module.decomposed() || !linear) {
            String method = module.decomposed() ? "DoRA" : module.method().title();
            throw new WeightsException(key + " is " + method + ", which cannot be written at the strength " + factor
                    + ": its update depends on the base weights; merge it into them, or give it the strength 1");
        }
        Map<String, TensorSource> tensors = new TreeMap<>(module.tensors());
        times(tensors, ModuleState.DIFF_B, factor);
        if (module.rank() > 0) {
            return new ModuleState(module.method(), tensors, module.alpha() * factor, module.rank());
        }
        times(tensors, linearRole(module), factor);
        return new ModuleState(module.method(), tensors, module.alpha(), module.rank());
    }

    /** The one tensor of a method without a rank that its update is proportional to. */
    private static String linearRole(ModuleState module) {
        return switch (module.method()) {
            case FULL -> ModuleState.DIFF;
            case IA3 -> ModuleState.MULTIPLIERS;
            case LORA, LOHA, LOKR, GLORA, OFT, BOFT, REPLACEMENT -> "lokr_w1";
        };
    }

    private static void times(Map<String, TensorSource> tensors, String role, double factor) {
        TensorSource tensor = tensors.get(role);
        if (tensor == null) {
            return;
        }
        float[] values = tensor.view().toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) factor;
        }
        tensors.put(role, TensorView.ofFloats(values, tensor.shape()));
    }
}
