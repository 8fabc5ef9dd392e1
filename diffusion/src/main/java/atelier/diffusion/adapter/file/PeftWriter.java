package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes an adapter as PEFT does (a folder with adapter_model.safetensors and adapter_config.json for each network) and
 * as diffusers' pipelines do (one file, networks told apart by the first part of the names).
 */
public final class PeftWriter {
    private static final String PREFIX = "base_model.model.";
    private static final String WRAPPER = "text_model.";

    private PeftWriter() {}

    /**
     * Writes PEFT's folder. One network's files lie in the folder itself; those of several in folders named as in a
     * diffusers model.
     *
     * @param base the model that the adapter is for, where the adapter changes norms or biases: PEFT keeps them whole
     * @param dtype element type of the weights: F32, F16 or BF16
     * @param metadata for the weight files
     * @throws WeightsException for methods that PEFT lacks, or several in one network
     */
    public static void folder(
            AdapterState adapter, @Nullable Checkpoint base, Path folder, DType dtype, Map<String, String> metadata)
            throws IOException {
        for (Component component : adapter.components()) {
            Path place = adapter.components().size() == 1 ? folder : folder.resolve(component.folder());
            PeftVectors vectors = PeftVectors.of(component, adapter.of(component));
            Map<String, ModuleState> modules = vectors.others();
            Map<String, TensorSource> tensors = new TreeMap<>();
            vectors.whole(base)
                    .forEach((path, tensor) -> names(component, path)
                            .forEach(name -> tensors.put(PREFIX + name, Floats.converted(tensor, dtype))));
            modules.forEach((path, module) -> module.tensors()
                    .forEach((role, tensor) -> names(component, path).stream()
                            .filter(name -> !role.equals(ModuleState.ON_INPUT))
                            .forEach(name -> tensors.put(
                                    PREFIX + name + "." + peftRole(role),
                                    Floats.converted(peftShape(module, role, tensor), dtype)))));
            Map<String, String> all = new TreeMap<>(metadata);
            all.put("format", "pt");
            SafetensorsWriter.write(place.resolve(PeftConfig.WEIGHTS), tensors, all);
            ObjectNode config = config(component, modules);
            vectors.describe(config);
            Files.write(
                    place.resolve(PeftConfig.FILE),
                    PeftConfig.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config));
        }
    }

    /** As the form with a base, for adapters that leave norms and biases alone. */
    public static void folder(AdapterState adapter, Path folder, DType dtype, Map<String, String> metadata)
            throws IOException {
        folder(adapter, null, folder, dtype, metadata);
    }

    /**
     * PEFT looks for a tensor under its layer's whole path. The first text encoder is a CLIPTextModel, whose layers have
     * {@code text_model.} before them in transformers 4 and not in 5: both names are there, and PEFT passes over the one
     * that it does not know. The second, CLIPTextModelWithProjection, has it in both.
     */
    private static List<String> names(Component component, String path) {
        boolean both = component == Component.TEXT_ENCODER && path.startsWith(WRAPPER);
        return both ? List.of(path, target(path)) : List.of(path);
    }

    /**
     * Writes diffusers' file. Readers that know no alpha take it for the rank, so the scale is folded into the second
     * matrix. diffusers itself takes {@code text_model.} off tensors' names where transformers 5 does not have it, but not
     * off the configuration's.
     *
     * @throws WeightsException for methods other than LoRA and DoRA, which diffusers does not load
     */
    public static void diffusers(AdapterState adapter, Path file, DType dtype, Map<String, String> metadata)
            throws IOException {
        Map<String, TensorSource> tensors = new TreeMap<>();
        ObjectNode packed = PeftConfig.JSON.createObjectNode();
        for (Component component : adapter.components()) {
            Map<String, ModuleState> modules = new TreeMap<>();
            adapter.of(component).forEach((path, module) -> modules.put(path, folded(component + "." + path, module)));
            modules.forEach((path, module) -> module.tensors()
                    .forEach((role, tensor) -> tensors.put(
                            component.folder() + "." + path + "." + peftRole(role),
                            Floats.converted(peftShape(module, role, tensor), dtype))));
            config(component, modules)
                    .fields()
                    .forEachRemaining(entry -> packed.set(component.folder() + "." + entry.getKey(), entry.getValue()));
        }
        Map<String, String> all = new TreeMap<>(metadata);
        all.put("format", "pt");
        all.put(PeftConfig.METADATA, PeftConfig.JSON.writeValueAsString(packed));
        SafetensorsWriter.write(file, tensors, all);
    }

    private static ModuleState folded(String place, ModuleState module) {
        if (module.method() != AdapterMethod.LORA || module.tensors().containsKey(ModuleState.MID)) {
            throw new WeightsException(place + " is " + module.method().title()
                    + ", which diffusers does not load; export it as kohya or peft, or resize it to LoRA first");
        }
        TensorView up = module.tensor(ModuleState.UP);
        float scale = (float) module.scale();
        float[] values = up.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        Map<String, TensorSource> tensors = new TreeMap<>(module.tensors());
        tensors.put(ModuleState.UP, TensorView.ofFloats(values, up.shape()));
        return new ModuleState(module.method(), tensors, module.rank(), module.rank());
    }

    private static String peftRole(String role) {
        return switch (role) {
            case ModuleState.MULTIPLIERS -> "ia3_l";
            case ModuleState.DOWN -> "lora_A.weight";
            case ModuleState.UP -> "lora_B.weight";
            case ModuleState.DORA -> "lora_magnitude_vector";
            default -> role;
        };
    }

    /**
     * PEFT keeps DoRA's lengths as [out] for linear layers and [1, out, 1, 1] for convolutions, and IA3's multipliers, one
     * more than LyCORIS's, as [out, 1] or [1, in].
     */
    private static TensorSource peftShape(ModuleState module, String role, TensorSource tensor) {
        if (role.equals(ModuleState.MULTIPLIERS)) {
            return PeftVectors.multipliers(module, tensor.view());
        }
        if (!role.equals(ModuleState.DORA)) {
            return tensor;
        }
        TensorView lengths = tensor.view();
        boolean convolution = module.tensor(ModuleState.DOWN).shape().length == 4;
        return convolution ? lengths.reshape(1, lengths.elements(), 1, 1) : lengths.reshape(lengths.elements());
    }

    private static ObjectNode config(Component component, Map<String, ModuleState> modules) {
        ModuleState first = modules.values().iterator().next();
        ObjectNode config = PeftConfig.JSON.createObjectNode();
        config.put("peft_type", peftType(component, first));
        ArrayNode targets = PeftConfig.JSON.createArrayNode();
        ObjectNode ranks = PeftConfig.JSON.createObjectNode();
        ObjectNode alphas = PeftConfig.JSON.createObjectNode();
        modules.forEach((path, module) -> {
            if (module.changesBias()) {
                throw new WeightsException(component.folder() + "." + path
                        + " changes a bias, which PEFT's and diffusers' forms do not hold; export it as kohya");
            }
            if (module.method() != first.method() || module.decomposed() != first.decomposed()) {
                throw new WeightsException(component.folder() + " mixes "
                        + first.method().title() + " and " + module.method().title()
                        + ", which PEFT's configuration cannot say; export it as kohya");
            }
            String target = target(path);
            targets.add(target);
            if (module.rank() != first.rank()) {
                ranks.put(pattern(target), module.rank());
            }
            if (module.alpha() != first.alpha()) {
                alphas.put(pattern(target), module.alpha());
            }
        });
        if (first.method() == AdapterMethod.IA3) {
            return PeftVectors.ofIa3(config, targets, modules).put("inference_mode", true);
        }
        // A method without a rank needs one all the same: LoKr keeps a factor whole when the rank is large.
        config.put("r", Math.max(1, first.rank()));
        config.set(first.method() == AdapterMethod.LORA ? "lora_alpha" : "alpha", number(first.alpha()));
        config.set("target_modules", targets);
        config.set("rank_pattern", ranks);
        config.set("alpha_pattern", alphas);
        if (first.method() == AdapterMethod.LORA) {
            config.put("lora_dropout", 0.0).put("bias", "none").put("use_rslora", false);
            config.put("use_dora", first.decomposed())
                    .put("fan_in_fan_out", false)
                    .put("init_lora_weights", true);
        }
        if (first.method() == AdapterMethod.LOKR) {
            config.put("decompose_factor", kroneckerFactor(modules.values()));
            config.put("decompose_both", first.tensors().containsKey("lokr_w1_a"));
        }
        return config.put("inference_mode", true);
    }

    /**
     * A text encoder's layer without {@code text_model.}: PEFT matches the ends of paths, so that it is found with
     * transformers 4, where each path has that part, and with 5, where those of CLIPTextModel lack it.
     */
    static String target(String path) {
        return path.startsWith(WRAPPER) ? path.substring(WRAPPER.length()) : path;
    }

    /** PEFT takes the keys of rank_pattern for regular expressions, in which a dot stands for any character. */
    private static String pattern(String path) {
        return path.replace(".", "\\.");
    }

    /** PEFT works the shapes of a Kronecker product's factors out again: from this number, or -1 for the squarest. */
    private static long kroneckerFactor(Iterable<ModuleState> modules) {
        long factor = 0;
        for (ModuleState module : modules) {
            TensorSource whole = module.tensors().get("lokr_w1");
            long[] first = whole == null ? new long[] {0, -1} : whole.shape();
            if (first[0] != first[1] || factor != 0 && factor != first[0]) {
                return -1;
            }
            factor = first[0];
        }
        return factor;
    }

    /** Whole numbers as PEFT writes them. */
    private static JsonNode number(double value) {
        return value == Math.rint(value)
                ? PeftConfig.JSON.getNodeFactory().numberNode((long) value)
                : PeftConfig.JSON.getNodeFactory().numberNode(value);
    }

    private static String peftType(Component component, ModuleState module) {
        boolean tucker = module.tensors().containsKey(ModuleState.MID);
        boolean known = module.method() == AdapterMethod.IA3
                || module.method() != AdapterMethod.FULL && !module.method().isOfBase();
        if (!known || tucker) {
            throw new WeightsException(
                    component.folder() + " has modules as " + module.method().title()
                            + (tucker ? " with a middle tensor" : "") + ", which PEFT lacks in this form; export it as"
                            + " kohya");
        }
        return switch (module.method()) {
            case LORA -> "LORA";
            case LOHA -> "LOHA";
            case LOKR -> "LOKR";
            case IA3 -> "IA3";
            case FULL, GLORA, OFT, BOFT, REPLACEMENT -> throw new IllegalStateException("refused above");
        };
    }
}
