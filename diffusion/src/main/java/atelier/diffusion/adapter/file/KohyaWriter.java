package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an adapter in kohya's format, which A1111, Forge, ComfyUI, InvokeAI and SD.Next read; LyCORIS's methods have
 * their own suffixes in it, and embeddings stand beside as OneTrainer bundles them. For Stable Diffusion XL the UNet's layers have LDM's names, as kohya's trainer has them.
 */
public final class KohyaWriter {
    private KohyaWriter() {}

    /**
     * Writes a file whole or not at all.
     *
     * @param dtype element type of the weights: F32, F16 or BF16
     * @param names the UNet's names in both layouts; asked for the XL family only
     * @param metadata kohya's hashes are added to it
     */
    public static void write(
            AdapterState adapter,
            Path file,
            DType dtype,
            ModelFamily family,
            ModuleNames names,
            Map<String, String> metadata)
            throws IOException {
        Map<String, TensorSource> tensors = tensors(adapter, dtype, family, names);
        SafetensorsWriter.write(file, tensors, AdapterHashes.with(tensors, metadata));
    }

    /** All tensors under kohya's names. */
    static Map<String, TensorSource> tensors(AdapterState adapter, DType dtype, ModelFamily family, ModuleNames names) {
        Map<String, TensorSource> tensors = new TreeMap<>();
        adapter.modules().forEach((key, module) -> {
            String name = name(key, family, names);
            boolean ofPeft = module.tensors().containsKey(ModuleState.WITH_BIAS)
                    || module.tensors().containsKey(ModuleState.ROTATIONS)
                            && module.tensors().containsKey(ModuleState.ON_INPUT);
            if (ofPeft) {
                throw new WeightsException(
                        key + " is PEFT's " + module.method().title()
                                + ", which kohya's format has no tensors for; merge it into the weights (export format=[merged])");
            }
            boolean norm = isNorm(module);
            module.tensors()
                    .forEach((role, tensor) ->
                            tensors.put(name + "." + (norm ? normRole(role) : role), Floats.converted(tensor, dtype)));
            boolean scales = switch (module.method()) {
                case LORA, LOHA, LOKR, GLORA, OFT, BOFT -> true;
                case FULL, IA3, REPLACEMENT -> false;
            };
            if (scales) {
                TensorView alpha = TensorView.ofFloats(new float[] {(float) module.alpha()});
                tensors.put(name + ".alpha", Floats.convert(alpha, dtype));
            }
        });
        adapter.embeddings()
                .forEach(embedding -> BundledEmbeddings.tensors(embedding)
                        .forEach((name, tensor) -> tensors.put(name, Floats.convert(tensor, dtype))));
        return tensors;
    }

    /** Whether a module changes a norm: no other layer's weight is a vector. */
    static boolean isNorm(ModuleState module) {
        TensorSource difference = module.tensors().get(ModuleState.DIFF);
        return module.method() == AdapterMethod.FULL && difference != null && difference.shape().length == 1;
    }

    private static String normRole(String role) {
        return role.equals(ModuleState.DIFF) ? "w_norm" : "b_norm";
    }

    /** A layer's name: prefix and path with underscores. */
    public static String name(ModuleKey key, ModelFamily family, ModuleNames names) {
        String path = key.path();
        if (key.component() == Component.UNET && family.isXl()) {
            path = names.toLdm(path)
                    .orElseThrow(() -> new WeightsException(key + " has no name in the layout of Stable Diffusion XL;"
                            + " is the adapter for this base model?"));
        }
        return prefix(key.component(), family) + ModulePath.flat(path);
    }

    private static String prefix(Component component, ModelFamily family) {
        return switch (component) {
            case UNET -> "lora_unet_";
            case TEXT_ENCODER -> family.isXl() ? "lora_te1_" : "lora_te_";
            case TEXT_ENCODER_2 -> "lora_te2_";
            case VAE -> throw new WeightsException("kohya's format has no adapters of the autoencoder");
        };
    }
}
