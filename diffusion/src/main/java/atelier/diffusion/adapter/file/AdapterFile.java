package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.Finite;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads adapter files: kohya's, LyCORIS's, OneTrainer's, ComfyUI's, PEFT's (adapter_model.safetensors with
 * adapter_config.json beside), diffusers' and those with {@code diffusion_model.} names. What is understood is read; a
 * warning lists once what is not.
 */
public final class AdapterFile {
    private static final int LISTED = 8;
    private static final Logger LOG = LoggerFactory.getLogger(AdapterFile.class);
    /** A command may read a file several times, and is told of it once. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private AdapterFile() {}

    /**
     * Reads a file, or PEFT's folder.
     *
     * @param unet the UNet's configuration of the base model, which files with LDM's names need unless they are for a
     *     published model; null takes Stable Diffusion XL's or 1.x's
     * @throws WeightsException when it is no adapter, when a number in it is not finite, or when two tensors claim one
     *     place
     * @throws IOException when reading fails
     */
    public static AdapterState read(Path path, @Nullable ObjectNode unet) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve(PeftConfig.WEIGHTS) : path;
        SafetensorsFile opened = SafetensorsFile.open(file);
        PeftConfig config = PeftConfig.beside(file, opened.metadata());
        boolean peft = opened.tensors().keySet().stream().anyMatch(name -> name.startsWith("base_model.model."));
        Component text = peft ? PeftConfig.textEncoder(file, config) : Component.TEXT_ENCODER;
        ModuleNames names = unet == null ? guessed(opened) : ModuleNames.of(unet);
        Map<ModuleKey, Map<String, TensorView>> tensors = new TreeMap<>();
        BundledEmbeddings embeddings = new BundledEmbeddings(file);
        List<String> unread = new ArrayList<>();
        Map<String, String> owners = new HashMap<>();
        opened.tensors().forEach((name, tensor) -> {
            if (embeddings.add(name, tensor)) {
                return;
            }
            Optional<AdapterKey> key = AdapterKey.parse(name);
            Optional<ModuleKey> module = key.flatMap(found -> moduleKey(found, names, text));
            if (module.isEmpty() || key.isEmpty()) {
                unread.add(name);
                return;
            }
            Finite.require(file.toString(), name, tensor);
            Map<String, TensorView> roles = tensors.computeIfAbsent(module.get(), absent -> new HashMap<>());
            TensorView other = roles.put(key.get().role(), tensor);
            String owner = owners.put(module.get() + " " + key.get().role(), name);
            if (other != null && !other.data().equals(tensor.data())) {
                throw new WeightsException(file + " holds two adapters in one: '" + owner + "' and '" + name
                        + "' are for the same layer; save one of them alone");
            }
        });
        ModuleReader reader = new ModuleReader(file, config);
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        tensors.forEach((key, roles) -> {
            try {
                modules.put(key, reader.read(key, roles));
            } catch (MalformedException e) {
                unread.add(key + " (" + e.getMessage() + ")");
            }
        });
        List<TextualInversion> bundled = embeddings.read();
        if (modules.isEmpty() && bundled.isEmpty()) {
            throw new WeightsException(
                    file + " holds " + unread.size() + " of " + opened.tensors().size()
                            + " tensors that no adapter format of Stable Diffusion has, among them "
                            + unread.subList(0, Math.min(LISTED, unread.size()))
                            + "; is it an adapter for another model, or a whole model?");
        }
        tell(file, opened.tensors().size(), unread);
        return new AdapterState(modules, opened.metadata(), bundled, unread);
    }

    private static void tell(Path file, int tensors, List<String> unread) {
        if (unread.isEmpty()) {
            return;
        }
        String listed = String.join(", ", unread.subList(0, Math.min(LISTED, unread.size())));
        String more = unread.size() > LISTED ? " and " + (unread.size() - LISTED) + " more" : "";
        String message = file + ": of " + tensors + " tensors these are not applied, since no form of adapter that is"
                + " read has them: " + listed + more + "; the rest is";
        if (TOLD.add(message)) {
            LOG.warn(message);
        }
    }

    private static Optional<ModuleKey> moduleKey(AdapterKey key, ModuleNames names, Component text) {
        if (key.component() == Component.TEXT_ENCODER) {
            return Optional.of(new ModuleKey(text, key.path()));
        }
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
                .map(entry -> entry.getValue().shape())
                .anyMatch(shape -> shape.length > 1 && (shape[1] == 768 || shape[1] == 1024));
        return narrow ? ModuleNames.stableDiffusion() : ModuleNames.stableDiffusionXl();
    }
}
