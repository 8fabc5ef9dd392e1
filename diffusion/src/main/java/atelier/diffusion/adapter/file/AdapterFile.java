package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads adapter files: kohya's, LyCORIS's, PEFT's (adapter_model.safetensors with adapter_config.json beside), diffusers'
 * and those with {@code diffusion_model.} names. Every tensor must be understood: a stray one is an error, not dropped.
 */
public final class AdapterFile {
    private static final int LISTED = 8;

    private AdapterFile() {}

    /**
     * Reads a file, or PEFT's folder.
     *
     * @param unet the UNet's configuration of the base model, which files with LDM's names need unless they are for a
     *     published model; null takes Stable Diffusion XL's or 1.x's
     * @throws WeightsException when it is no adapter, or holds tensors that make no known update
     * @throws IOException when reading fails
     */
    public static AdapterState read(Path path, @Nullable ObjectNode unet) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve(PeftConfig.WEIGHTS) : path;
        SafetensorsFile opened = SafetensorsFile.open(file);
        PeftConfig scales = PeftConfig.beside(file, opened.metadata());
        Map<ModuleKey, Map<String, TensorSource>> tensors = new TreeMap<>();
        List<String> strays = new ArrayList<>();
        ModuleNames names = unet == null ? guessed(opened) : ModuleNames.of(unet);
        opened.tensors().forEach((name, tensor) -> {
            Optional<AdapterKey> key = AdapterKey.parse(name);
            Optional<ModuleKey> module = key.flatMap(found -> moduleKey(found, names));
            if (module.isEmpty() || key.isEmpty()) {
                strays.add(name);
            } else {
                tensors.computeIfAbsent(module.get(), absent -> new HashMap<>())
                        .put(key.get().role(), tensor);
            }
        });
        if (!strays.isEmpty()) {
            throw new WeightsException(
                    file + " holds " + strays.size() + " of " + opened.tensors().size()
                            + " tensors that no adapter format of Stable Diffusion has, among them "
                            + strays.subList(0, Math.min(LISTED, strays.size()))
                            + "; is it an adapter for another model, or a whole model?");
        }
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        tensors.forEach((key, roles) -> modules.put(key, module(file, key, roles, scales)));
        return new AdapterState(modules, opened.metadata());
    }

    private static Optional<ModuleKey> moduleKey(AdapterKey key, ModuleNames names) {
        if (key.component() != Component.UNET || !ModulePath.isLdm(key.path())) {
            return Optional.of(new ModuleKey(key.component(), key.path()));
        }
        return names.toDiffusers(key.path()).map(path -> new ModuleKey(key.component(), path));
    }

    /** XL's text states are 2048 wide, and only XL and its kin keep LDM's names in kohya's files. */
    private static ModuleNames guessed(SafetensorsFile file) {
        boolean narrow = file.tensors().entrySet().stream()
                .filter(entry -> entry.getKey().contains("attn2_to_k.lora_down")
                        || entry.getKey().contains("attn2.to_k.lora_A"))
                .anyMatch(entry ->
                        entry.getValue().shape()[1] == 768 || entry.getValue().shape()[1] == 1024);
        return narrow ? ModuleNames.stableDiffusion() : ModuleNames.stableDiffusionXl();
    }

    private static ModuleState module(Path file, ModuleKey key, Map<String, TensorSource> roles, PeftConfig scales) {
        try {
            TensorSource alphaTensor = roles.remove("alpha");
            Map<String, TensorSource> tensors = new HashMap<>(roles);
            TensorSource lengths = tensors.remove(AdapterKey.PEFT_LENGTHS);
            if (lengths != null) {
                tensors.put(ModuleState.DORA, kohyaLengths(lengths.view(), tensors.get(ModuleState.DOWN)));
            }
            Double alpha =
                    alphaTensor == null ? null : (double) alphaTensor.view().toFloats()[0];
            ModuleState plain = ModuleState.of(tensors, alpha);
            if (alphaTensor != null || !scales.states(key)) {
                return plain;
            }
            // PEFT scales a whole Kronecker product too, where other formats leave it alone.
            int rank = plain.rank() == 0 ? scales.rank(key) : plain.rank();
            return new ModuleState(plain.method(), tensors, scales.alpha(key, rank), rank);
        } catch (MalformedException e) {
            throw new WeightsException(file + ": the module " + key + " " + e.getMessage(), e);
        }
    }

    /** PEFT keeps DoRA's lengths as [out] or [1, out, 1, 1], kohya's and LyCORIS's files as [out, 1(, 1, 1)]. */
    private static TensorSource kohyaLengths(TensorView lengths, @Nullable TensorSource down) {
        boolean convolution = down != null && down.shape().length == 4;
        return convolution ? lengths.reshape(lengths.elements(), 1, 1, 1) : lengths.reshape(lengths.elements(), 1);
    }
}
