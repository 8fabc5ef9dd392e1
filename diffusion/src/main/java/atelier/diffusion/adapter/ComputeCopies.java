package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.FlatBuffer;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network on a GPU computes low-rank updates with: copies of their matrices in the network's precision, the scale
 * multiplied into those that come last, all in one buffer. A pass adds gradients to a buffer of the same layout, which is
 * added to the parameters' own, in fp32, after it. So a step casts once and not at every layer.
 */
final class ComputeCopies {
    private static final Map<String, List<String>> JOINT =
            Map.of("qkv", List.of("q", "k", "v"), "kv", List.of("k", "v"));

    private final Kernels kernels;
    private final FlatBuffer values;
    private final FlatBuffer gradients;
    private final FlatBuffer copies;
    private final FlatBuffer copyGradients;
    private final List<LowRank> modules = new ArrayList<>();
    private final NDList lastCopies = new NDList();
    private final NDList lastGradients = new NDList();
    private boolean changed = true;

    /**
     * @param manager owns the buffers
     * @param trainable low-rank modules that are trained, in the network's order; all compute in one precision
     * @param values of their parameters, downs before ups
     * @param gradients laid out as the values
     */
    ComputeCopies(
            Kernels kernels, NDManager manager, List<LowRank> trainable, FlatBuffer values, FlatBuffer gradients) {
        this.kernels = kernels;
        this.values = values;
        this.gradients = gradients;
        Precision precision = trainable.get(0).layer().precision();
        this.copies = values.zerosLike(manager, precision);
        this.copyGradients = values.zerosLike(manager, precision);
        for (LowRank module : trainable) {
            modules.add(module);
            int down = values.indexOf(module.down());
            int up = values.indexOf(module.up());
            lastCopies.add(copies.tensors().get(up));
            lastGradients.add(copyGradients.tensors().get(up));
            module.compute(
                    this,
                    Map.of(
                            "down", copies.tensors().get(down),
                            "up", copies.tensors().get(up),
                            "down.grad", copyGradients.tensors().get(down),
                            "up.grad", copyGradients.tensors().get(up)));
        }
        joinLayers(manager);
        refresh();
    }

    /** The order of parameters in which layers of one input can run as one. */
    static List<Parameter> ordered(List<LowRank> modules) {
        List<Parameter> ordered = new ArrayList<>();
        modules.forEach(module -> ordered.add(module.parameters().get(0)));
        modules.forEach(module -> ordered.addAll(
                module.parameters().subList(1, module.parameters().size())));
        return ordered;
    }

    private void joinLayers(NDManager manager) {
        Map<BlockTensors, Map<String, LowRank>> blocks = new HashMap<>();
        for (LowRank module : modules) {
            Layer layer = module.layer();
            if (module.isPlain() && layer.computedAsLinear()) {
                blocks.computeIfAbsent(layer.block(), block -> new HashMap<>()).put(layer.local(), module);
            }
        }
        blocks.forEach((block, parts) -> JOINT.forEach((whole, names) -> {
            if (block.has(whole + ".weight") && parts.keySet().containsAll(names)) {
                join(manager, block, whole, names);
            }
        }));
    }

    private void join(NDManager manager, BlockTensors block, String whole, List<String> names) {
        List<NDArray> downs =
                names.stream().map(name -> block.get(name + ".down")).toList();
        List<NDArray> slopes =
                names.stream().map(name -> block.get(name + ".down.grad")).toList();
        NDArray down = copies.stacked(manager, downs);
        NDArray slope = copyGradients.stacked(manager, slopes);
        if (down != null && slope != null) {
            block.put(whole + ".down", down).put(whole + ".down.grad", slope);
        }
    }

    /** A module counts by another weight: to be taken over at the next {@link #refresh}. */
    void changed() {
        changed = true;
    }

    /** Makes the copies anew. */
    void refresh() {
        kernels.run("copy_into", copies.whole(), values.whole());
        scale(lastCopies);
        changed = false;
    }

    /** Makes the copies anew if a module counts by another weight. */
    void refreshIfChanged() {
        if (changed) {
            refresh();
        }
    }

    private void scale(NDList tensors) {
        double[] weights = modules.stream().mapToDouble(LowRank::weight).toArray();
        NDList scaled = new NDList();
        List<Double> by = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] != 1) {
                scaled.add(tensors.get(i));
                by.add(weights[i]);
            }
        }
        if (by.stream().distinct().count() == 1) {
            kernels.run("scale_all", scaled, by.get(0));
        } else if (!by.isEmpty()) {
            kernels.run(
                    "scale_each",
                    scaled,
                    by.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** Adds what a pass left to the parameters' gradients, and empties it for the next. */
    void gather() {
        scale(lastGradients);
        kernels.run("move_sum", gradients.whole(), copyGradients.whole());
    }

    /** Empties what passes add to. */
    void zero() {
        kernels.run("zero_all", new NDList(copyGradients.whole()));
    }
}
