package atelier.trainer;

import atelier.datasets.hash.Sha256;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.TensorSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Digests of networks' weights: what caches and resumed runs are tied to. */
final class ModelDigests {
    private ModelDigests() {}

    /** SHA-256 over names, types, shapes and bytes of the given networks, those that the model has. */
    static String of(Checkpoint checkpoint, Component... components) {
        MessageDigest digest = Sha256.digest();
        for (Component component : components) {
            if (!checkpoint.has(component)) {
                continue;
            }
            StateDict weights = checkpoint.component(component);
            digest.update(weights.config().toString().getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<String, TensorSource> entry : new TreeMap<>(weights.sources()).entrySet()) {
                TensorSource tensor = entry.getValue();
                String head = entry.getKey() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape());
                digest.update(head.getBytes(StandardCharsets.UTF_8));
                ByteBuffer data = tensor.data();
                digest.update(data.duplicate());
                NativeMemory.release(data);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
