package atelier.trainer.output;

import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterFiles;
import atelier.diffusion.adapter.Merge;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.trainer.loop.TrainedModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was trained as files hold it: alone, and in the weights of its base. */
record MergedCheckpoint(TrainedModel trained) {
    /** The adapters as files hold them; null where the UNet's own weights were trained. */
    @Nullable
    AdapterState adapter() {
        Map<Component, Adapter> adapters = trained.weights().adapters();
        if (adapters.isEmpty()) {
            return null;
        }
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        adapters.forEach((network, adapter) ->
                modules.putAll(AdapterFiles.state(adapter, network).modules()));
        return new AdapterState(modules, Map.of(), trained.weights().embeddings(), List.of());
    }

    /** The base with what was trained in its weights, made as they are read: while the model is open. */
    Checkpoint checkpoint() {
        Checkpoint base = trained.model().checkpoint();
        Map<Component, Adapter> adapters = trained.weights().adapters();
        Checkpoint merged = base;
        for (Map.Entry<Component, Adapter> entry : adapters.entrySet()) {
            merged = Merge.into(
                    merged, entry.getKey(), entry.getValue(), 1, trained.model().kernels());
        }
        return adapters.isEmpty() ? base.withWeights(Component.UNET, weights(base)) : merged;
    }

    private Map<String, TensorSource> weights(Checkpoint base) {
        Map<String, TensorSource> stored = base.component(Component.UNET).sources();
        Map<String, TensorSource> weights = new LinkedHashMap<>();
        for (Parameter parameter : trained.weights().parameters()) {
            TensorSource before = Objects.requireNonNull(stored.get(parameter.name()));
            weights.put(
                    parameter.name(),
                    TensorSource.of(
                            DType.F32,
                            before.shape(),
                            () -> TensorView.ofFloats(HostCopy.floats(parameter.value()), before.shape())
                                    .data()));
        }
        return weights;
    }
}
