package atelier.diffusion.adapter.math;

import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The LoRA that brings one model closest to another: each layer's difference, cut to its leading singular values. Layers
 * are those that adapters usually have, the transformers' and the text encoders'; with a rank of their own the
 * convolutions of residual blocks and samplers too.
 *
 * @param adapter the LoRA; empty where the models do not differ
 * @param kept the share of the differences' energy (squared Frobenius norm) that the adapter holds, over its layers
 * @param elsewhere tensors that differ and are not carried: norms, biases, embeddings, layers beyond these
 */
public record Extraction(AdapterState adapter, double kept, List<String> elsewhere) {
    private static final long SEED = 0x5eed;

    public Extraction {
        elsewhere = List.copyOf(elsewhere);
    }

    /**
     * Compares all networks that adapters change.
     *
     * @param rank for the transformers' and text encoders' layers
     * @param convolutions for the layers of residual blocks and samplers; null leaves them out
     * @throws WeightsException when the two are not models of one architecture
     */
    public static Extraction of(Checkpoint base, Checkpoint tuned, SvdRank rank, @Nullable SvdRank convolutions) {
        Map<ModuleKey, SvdRank> layers = new TreeMap<>();
        List<String> elsewhere = new java.util.ArrayList<>();
        for (Component component : base.components()) {
            if (component == Component.VAE) {
                continue;
            }
            StateDict before = base.component(component);
            StateDict after = tuned.component(component);
            before.sources().forEach((name, tensor) -> {
                if (!sameBytes(tensor, other(after, name, tensor))) {
                    Optional<SvdRank> wanted = wanted(name, tensor, rank, convolutions);
                    if (wanted.isPresent()) {
                        layers.put(
                                new ModuleKey(component, name.substring(0, name.length() - ".weight".length())),
                                wanted.get());
                    } else {
                        elsewhere.add(component.folder() + "." + name);
                    }
                }
            });
        }
        return decompose(base, tuned, layers, elsewhere);
    }

    private static TensorSource other(StateDict tuned, String name, TensorSource base) {
        TensorSource tensor = tuned.sources().get(name);
        if (tensor == null || !Arrays.equals(tensor.shape(), base.shape())) {
            throw new WeightsException(tuned.place() + (tensor == null ? " lacks " : " has another shape of ") + "'"
                    + name + "', " + TensorView.describe(base.shape())
                    + " in the base; an adapter is the difference of two models of one architecture");
        }
        return tensor;
    }

    private static boolean sameBytes(TensorSource a, TensorSource b) {
        return a.dtype() == b.dtype()
                ? a.data().equals(b.data())
                : Arrays.equals(a.view().toFloats(), b.view().toFloats());
    }

    private static Optional<SvdRank> wanted(
            String name, TensorSource tensor, SvdRank rank, @Nullable SvdRank convolutions) {
        if (!name.endsWith(".weight") || tensor.shape().length < 2) {
            return Optional.empty();
        }
        if (name.contains("attentions.") || name.contains(".self_attn.") || name.contains(".mlp.")) {
            return Optional.of(rank);
        }
        boolean residual = name.contains("resnets.") || name.contains("samplers.");
        return residual ? Optional.ofNullable(convolutions) : Optional.empty();
    }

    private record Layer(ModuleKey key, ModuleState module, double energy, double kept) {}

    private static Extraction decompose(
            Checkpoint base, Checkpoint tuned, Map<ModuleKey, SvdRank> layers, List<String> elsewhere) {
        // Accounts are kept by name and not shared between threads: the sources are looked up before.
        Map<Component, Map<String, TensorSource>> before = new TreeMap<>();
        Map<Component, Map<String, TensorSource>> after = new TreeMap<>();
        for (ModuleKey key : layers.keySet()) {
            before.computeIfAbsent(key.component(), c -> base.component(c).sources());
            after.computeIfAbsent(key.component(), c -> tuned.component(c).sources());
        }
        List<Layer> made = layers.entrySet().parallelStream()
                .map(entry -> {
                    String name = entry.getKey().path() + ".weight";
                    Component component = entry.getKey().component();
                    return layer(
                            entry.getKey(),
                            view(before, component, name),
                            view(after, component, name),
                            entry.getValue());
                })
                .toList();
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        double energy = 0;
        double kept = 0;
        for (Layer layer : made) {
            modules.put(layer.key(), layer.module());
            energy += layer.energy();
            kept += layer.kept();
        }
        return new Extraction(new AdapterState(modules, Map.of()), energy == 0 ? 1 : kept / energy, elsewhere);
    }

    private static TensorView view(
            Map<Component, Map<String, TensorSource>> networks, Component component, String name) {
        TensorSource tensor = networks.getOrDefault(component, Map.of()).get(name);
        if (tensor == null) {
            throw new IllegalStateException(name + " was there a moment ago");
        }
        return tensor.view();
    }

    private static Layer layer(ModuleKey key, TensorView before, TensorView after, SvdRank rank) {
        float[] delta = after.toFloats();
        float[] base = before.toFloats();
        for (int i = 0; i < delta.length; i++) {
            delta[i] -= base[i];
        }
        int rows = Math.toIntExact(before.shape()[0]);
        Matrix matrix = new Matrix(rows, delta.length / rows, delta);
        ModuleState module = ResizeBySvd.lora(matrix, before.shape(), rank, SEED);
        double norm = Deltas.norm(module);
        return new Layer(key, module, matrix.energy(), norm * norm);
    }
}
