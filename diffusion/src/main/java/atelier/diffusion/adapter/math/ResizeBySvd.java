package atelier.diffusion.adapter.math;

import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings an adapter to another rank, whatever its method: each update's best approximation of that rank (Eckart and
 * Young), as LoRA with alpha = rank and the singular values' roots in both matrices.
 */
public final class ResizeBySvd {
    private static final long SEED = 0x5eed;

    private ResizeBySvd() {}

    /**
     * Resizes every module.
     *
     * @param shapes the layers' weights' shapes, which all methods but plain LoRA need
     * @throws WeightsException for DoRA, whose update is no fixed matrix, or where a shape is needed and not known
     */
    public static AdapterState resize(AdapterState adapter, SvdRank rank, Map<ModuleKey, long[]> shapes) {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        adapter.modules().forEach((key, module) -> modules.put(key, resize(key, module, rank, shapes.get(key))));
        return new AdapterState(modules, adapter.metadata(), adapter.embeddings(), List.of());
    }

    /** The shapes of an adapter's layers in a base network, for {@link #resize(AdapterState, SvdRank, Map)}. */
    public static Map<ModuleKey, long[]> shapes(AdapterState adapter, StateDict base, Component component) {
        Map<ModuleKey, long[]> shapes = new TreeMap<>();
        adapter.of(component)
                .keySet()
                .forEach(path -> shapes.put(
                        new ModuleKey(component, path),
                        base.tensor(path + ".weight").shape()));
        return shapes;
    }

    private static ModuleState resize(ModuleKey key, ModuleState module, SvdRank rank, long @Nullable [] shape) {
        if (module.decomposed()) {
            throw new WeightsException(key + " is DoRA, whose update depends on the base weights; merge it into them"
                    + " and extract the difference instead");
        }
        if (module.method().isOfBase() || module.changesBias()) {
            throw new WeightsException(key + " is " + module.method().title()
                    + (module.changesBias() ? " with a changed bias" : "")
                    + ", which no LoRA stands for; merge it into the weights and extract the difference instead");
        }
        boolean plain =
                module.method() == AdapterMethod.LORA && !module.tensors().containsKey(ModuleState.MID);
        if (plain) {
            return product(module, rank);
        }
        if (shape == null) {
            throw new WeightsException(key + " is " + module.method().title()
                    + ", which does not say its layer's shape; give the base model too");
        }
        return lora(Deltas.of(module, shape), shape, rank, SEED);
    }

    /** A product's decomposition without forming it: both factors' bases, and the small matrix between them. */
    private static ModuleState product(ModuleState module, SvdRank rank) {
        TensorView downTensor = module.tensor(ModuleState.DOWN);
        Matrix up = Deltas.flat(module.tensor(ModuleState.UP));
        Matrix down = Deltas.flat(downTensor);
        Matrix left = Svd.orthonormal(up);
        Matrix right = Svd.orthonormal(down.transposed());
        Matrix core = left.transposed().times(up).times(down.times(right));
        float scale = (float) module.scale();
        for (int i = 0; i < core.values().length; i++) {
            core.values()[i] *= scale;
        }
        Svd small = Svd.exact(core);
        Svd whole = new Svd(left.times(small.left()), small.values(), right.times(small.right()));
        return lora(whole, core.energy(), downTensor.shape(), rank);
    }

    /** A matrix's best LoRA. */
    static ModuleState lora(Matrix delta, long[] weight, SvdRank rank, long seed) {
        int most = Math.min(rank.most(), Math.min(delta.rows(), delta.columns()));
        return lora(Svd.leading(delta, most, seed), delta.energy(), weight, rank);
    }

    private static ModuleState lora(Svd svd, double energy, long[] weightLike, SvdRank rank) {
        int kept = rank.kept(svd.values(), energy);
        Matrix up = svd.left().columns(kept);
        Matrix down = svd.right().columns(kept).transposed();
        for (int k = 0; k < kept; k++) {
            float root = (float) Math.sqrt(svd.values()[k]);
            for (int row = 0; row < up.rows(); row++) {
                up.values()[row * kept + k] *= root;
            }
            for (int column = 0; column < down.columns(); column++) {
                down.values()[k * down.columns() + column] *= root;
            }
        }
        return AdapterArithmetic.lora(up, down, weightLike);
    }
}
