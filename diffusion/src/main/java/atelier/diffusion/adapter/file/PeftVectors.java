package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What PEFT's files have beside matrices. Norms and biases are kept whole, the norms as modules_to_save, the biases of
 * adapted layers under their base layer's name; IA3's multipliers have a form of their own.
 *
 * @param others the modules without norms, and without changes of biases
 */
record PeftVectors(
        Component component,
        Map<String, ModuleState> others,
        Map<String, ModuleState> norms,
        Map<String, TensorView> biases) {

    /** @throws WeightsException when nothing but norms and biases is changed, or biases beside a method that PEFT trains none with */
    static PeftVectors of(Component component, Map<String, ModuleState> modules) {
        Map<String, ModuleState> others = new TreeMap<>();
        Map<String, ModuleState> norms = new TreeMap<>();
        Map<String, TensorView> biases = new TreeMap<>();
        modules.forEach((path, module) -> {
            if (KohyaWriter.isNorm(module)) {
                norms.put(path, module);
                return;
            }
            if (!module.tensors().containsKey(ModuleState.DIFF_B) || module.method() == AdapterMethod.FULL) {
                others.put(path, module);
                return;
            }
            Map<String, TensorSource> tensors = new HashMap<>(module.tensors());
            tensors.remove(ModuleState.DIFF_B);
            others.put(path, new ModuleState(module.method(), tensors, module.alpha(), module.rank()));
            biases.put(path, module.tensor(ModuleState.DIFF_B));
            if (module.method() != AdapterMethod.LORA) {
                throw new WeightsException(component.folder() + "." + path + " is "
                        + module.method().title() + " with a changed bias, which PEFT has for LoRA alone; export it as"
                        + " kohya");
            }
        });
        if (others.isEmpty()) {
            throw new WeightsException(component.folder() + " has changed norms and biases alone, for which PEFT has no"
                    + " form; export it as kohya or merged");
        }
        return new PeftVectors(component, others, norms, biases);
    }

    /** Norms and biases with the base's values in them, by the names that PEFT gives them. */
    Map<String, TensorView> whole(@Nullable Checkpoint base) {
        if (norms.isEmpty() && biases.isEmpty()) {
            return Map.of();
        }
        if (base == null) {
            throw new WeightsException(component.folder() + " has changed norms or biases, which PEFT keeps whole; name"
                    + " the base with model.path, or export it as kohya");
        }
        Map<String, TensorView> whole = new TreeMap<>();
        norms.forEach((path, norm) -> {
            whole.put(path + ".weight", sum(base, path + ".weight", norm.tensor(ModuleState.DIFF)));
            if (norm.tensors().containsKey(ModuleState.DIFF_B)) {
                whole.put(path + ".bias", sum(base, path + ".bias", norm.tensor(ModuleState.DIFF_B)));
            }
        });
        biases.forEach((path, bias) -> whole.put(path + ".base_layer.bias", sum(base, path + ".bias", bias)));
        return whole;
    }

    private TensorView sum(Checkpoint base, String name, TensorView difference) {
        TensorSource before = base.component(component).sources().get(name);
        float[] change = difference.toFloats();
        if (before == null || before.view().elements() != change.length) {
            throw new WeightsException("the base's " + component.folder() + " has no " + name + " of " + change.length
                    + " numbers, which the adapter changes; is the adapter for this base model?");
        }
        float[] values = before.view().toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] += change[i];
        }
        return TensorView.ofFloats(values, values.length);
    }

    /** Says in PEFT's configuration which of them there are. */
    void describe(ObjectNode config) {
        if (!norms.isEmpty()) {
            ArrayNode saved = config.putArray("modules_to_save");
            norms.keySet().forEach(path -> saved.add(PeftWriter.target(path)));
        }
        if (!biases.isEmpty()) {
            config.put("bias", "all");
        }
    }

    /** PEFT's ia3_l: one more than LyCORIS's factors, [out, 1(, 1, 1)] or [1, in(, 1, 1)]. */
    static TensorView multipliers(ModuleState module, TensorView factors) {
        float[] values = factors.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] += 1;
        }
        boolean convolution = factors.shape().length == 4;
        long n = values.length;
        if (onInput(module)) {
            return convolution ? TensorView.ofFloats(values, 1, n, 1, 1) : TensorView.ofFloats(values, 1, n);
        }
        return convolution ? TensorView.ofFloats(values, 1, n, 1, 1) : TensorView.ofFloats(values, n, 1);
    }

    private static boolean onInput(ModuleState module) {
        return module.tensor(ModuleState.ON_INPUT).toFloats()[0] != 0;
    }

    /**
     * IA3's configuration: no rank, and layers whose inputs are multiplied named once more.
     *
     * @throws WeightsException where outputs of a layer with a bias are multiplied: PEFT multiplies the bias too
     */
    static ObjectNode ofIa3(ObjectNode config, ArrayNode targets, Map<String, ModuleState> modules) {
        config.set("target_modules", targets);
        ArrayNode inputs = config.putArray("feedforward_modules");
        modules.forEach((path, module) -> {
            if (onInput(module)) {
                inputs.add(PeftWriter.target(path));
            } else if (!path.matches(".*\\.to_[qkv]")) {
                throw new WeightsException(path + " is IA3 of the outputs of a layer with a bias, which PEFT multiplies"
                        + " too; export it as kohya, or train with adapter.on_input for such layers");
            }
        });
        return config.put("init_ia3_weights", true).put("fan_in_fan_out", false);
    }
}
