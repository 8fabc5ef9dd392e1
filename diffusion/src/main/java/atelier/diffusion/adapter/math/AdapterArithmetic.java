package atelier.diffusion.adapter.math;

import atelier.common.error.MalformedException;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adapters merged into weights and added to one another. */
public final class AdapterArithmetic {
    private AdapterArithmetic() {}

    /** How strongly a module counts, by the layer; one number for all, or one a block. */
    @FunctionalInterface
    public interface Strength {
        double of(ModuleKey key);

        static Strength all(double strength) {
            return key -> strength;
        }
    }

    /**
     * An adapter and how strongly it counts.
     *
     * @param adapter as read
     * @param strength by layer
     */
    public record Weighted(AdapterState adapter, Strength strength) {}

    /**
     * One network's weights with adapters merged in, each tensor computed when its bytes are asked for. Updates add up;
     * DoRA's are applied in the given order.
     *
     * @throws WeightsException when an adapter changes a layer that the network lacks, or of another shape
     */
    public static Map<String, TensorSource> merged(StateDict base, Component component, List<Weighted> adapters) {
        Map<String, List<Merge>> merges = new TreeMap<>();
        for (Weighted weighted : adapters) {
            weighted.adapter().of(component).forEach((path, module) -> {
                double strength = weighted.strength().of(new ModuleKey(component, path));
                if (module.changesWeight()) {
                    merges.computeIfAbsent(named(base, path, ".weight"), absent -> new ArrayList<>())
                            .add(new Merge(module, strength, false));
                }
                boolean perhaps = module.tensors().containsKey(ModuleState.WITH_BIAS);
                if (module.changesBias() && !(perhaps && !base.has(path + ".bias"))) {
                    merges.computeIfAbsent(named(base, path, ".bias"), absent -> new ArrayList<>())
                            .add(new Merge(module, strength, true));
                }
            });
        }
        Map<String, TensorSource> out = new LinkedHashMap<>();
        base.sources().forEach((name, tensor) -> {
            List<Merge> layer = merges.get(name);
            out.put(name, layer == null ? tensor : new MergedWeight(base.place() + " " + name, tensor, layer).source());
        });
        return out;
    }

    private static String named(StateDict base, String path, String part) {
        if (!base.has(path + part)) {
            boolean there = base.has(path + ".weight");
            throw new WeightsException(base.place() + (there ? " has no bias in" : " has no") + " layer '" + path
                    + "', which the adapter changes; is the adapter for this base model?");
        }
        return path + part;
    }

    private record Merge(ModuleState module, double strength, boolean bias) {
        TensorView into(TensorView weight) {
            return bias ? Deltas.mergedBias(weight, module, strength) : Deltas.merged(weight, module, strength);
        }
    }

    private record MergedWeight(String place, TensorSource base, List<Merge> merges) {
        TensorSource source() {
            return TensorSource.of(DType.F32, base.shape(), () -> {
                TensorView weight = base.view();
                try {
                    for (Merge merge : merges) {
                        if (merge.strength() != 0) {
                            weight = merge.into(weight);
                        }
                    }
                } catch (MalformedException e) {
                    throw new WeightsException(
                            place + ": the adapter's module " + e.getMessage()
                                    + "; is the adapter for this base model?",
                            e);
                }
                return Floats.convert(weight, DType.F32).data();
            });
        }
    }

    /**
     * Several LoRA adapters as one whose update is the weighted sum of theirs, exactly: ranks add up.
     *
     * @throws WeightsException for other methods; resize them to LoRA first
     */
    public static AdapterState sum(List<Weighted> adapters, Map<String, String> metadata) {
        Map<ModuleKey, List<Merge>> parts = new TreeMap<>();
        for (Weighted weighted : adapters) {
            weighted.adapter().modules().forEach((key, module) -> {
                if (module.method() != AdapterMethod.LORA
                        || module.decomposed()
                        || module.changesBias()
                        || module.tensors().containsKey(ModuleState.MID)) {
                    throw new WeightsException(key + " is not plain LoRA, so its ranks cannot be added to another's;"
                            + " resize the adapter to LoRA first, or merge it into the weights");
                }
                parts.computeIfAbsent(key, absent -> new ArrayList<>())
                        .add(new Merge(module, weighted.strength().of(key), false));
            });
        }
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        parts.forEach((key, merges) -> modules.put(key, stacked(merges)));
        return new AdapterState(modules, metadata, embeddings(adapters), List.of());
    }

    /** The tokens that the adapters bring along. */
    private static List<TextualInversion> embeddings(List<Weighted> adapters) {
        Map<String, TextualInversion> tokens = new TreeMap<>();
        for (Weighted weighted : adapters) {
            for (TextualInversion embedding : weighted.adapter().embeddings()) {
                if (tokens.put(embedding.token(), embedding) != null) {
                    throw new WeightsException("two of the adapters bring the token '" + embedding.token()
                            + "' along; train one of them under another");
                }
            }
        }
        return List.copyOf(tokens.values());
    }

    /** down one under the other, up side by side with the scales inside; alpha equals rank. */
    private static ModuleState stacked(List<Merge> merges) {
        int rank = merges.stream().mapToInt(merge -> merge.module().rank()).sum();
        TensorView firstDown = merges.get(0).module().tensor(ModuleState.DOWN);
        TensorView firstUp = merges.get(0).module().tensor(ModuleState.UP);
        int inputs = Deltas.flat(firstDown).columns();
        int outputs = Deltas.flat(firstUp).rows();
        Matrix down = Matrix.zero(rank, inputs);
        Matrix up = Matrix.zero(outputs, rank);
        int at = 0;
        for (Merge merge : merges) {
            Matrix partDown = Deltas.flat(merge.module().tensor(ModuleState.DOWN));
            Matrix partUp = Deltas.flat(merge.module().tensor(ModuleState.UP));
            float factor = (float) (merge.module().scale() * merge.strength());
            System.arraycopy(partDown.values(), 0, down.values(), at * inputs, partDown.values().length);
            for (int row = 0; row < outputs; row++) {
                for (int column = 0; column < partUp.columns(); column++) {
                    up.values()[row * rank + at + column] = factor * partUp.at(row, column);
                }
            }
            at += partUp.columns();
        }
        return lora(up, down, firstDown.shape());
    }

    /** LoRA with alpha = rank from two matrices. */
    static ModuleState lora(Matrix up, Matrix down, long[] weightLike) {
        int rank = down.rows();
        boolean convolution = weightLike.length == 4;
        long[] downShape = weightLike.clone();
        downShape[0] = rank;
        long[] upShape = convolution ? new long[] {up.rows(), rank, 1, 1} : new long[] {up.rows(), rank};
        Map<String, TensorSource> tensors = new HashMap<>();
        tensors.put(ModuleState.DOWN, TensorView.ofFloats(down.values(), downShape));
        tensors.put(ModuleState.UP, TensorView.ofFloats(up.values(), upShape));
        return new ModuleState(AdapterMethod.LORA, tensors, rank, rank);
    }
}
