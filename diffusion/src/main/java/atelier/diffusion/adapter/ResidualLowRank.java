package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.settings.AdapterInit;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A low-rank update that begins as a part of the weight itself, which the layer's own weight then lacks: PiSSA (Meng et
 * al. 2024) takes the largest singular triples, OLoRA (Büyükakyüz 2024) the first columns of a QR factorisation. What is
 * exported is the difference from the untouched weight: down and up beside the negative start, of twice the rank, which
 * any reader of LoRA files takes.
 */
public final class ResidualLowRank implements AdapterModule {
    private final Kernels kernels;
    private final Layer layer;
    private final NDManager manager;
    private final WeightSlot slot;
    private final LowRank trained;
    private final double scale;
    private final NDArray startDown;
    private final NDArray startUp;
    private final NDArray factor;
    private final NDList exported = new NDList();

    private ResidualLowRank(Kernels kernels, Layer layer, AdapterInit init, int rank, double scale) {
        this.kernels = kernels;
        this.layer = layer;
        this.scale = scale;
        this.manager = kernels.manager().newSubManager();
        this.factor = manager.create((float) scale);
        try (NDManager scope = manager.newSubManager()) {
            NDArray base = layer.base().load(scope, Precision.FP32);
            NDList start = init == AdapterInit.PISSA
                    ? kernels.call(scope, "principal_start", base, rank, scale)
                    : kernels.call(scope, "orthonormal_start", base, rank);
            startDown = start.get(0);
            startUp = start.get(1);
            startDown.attach(manager);
            startUp.attach(manager);
        }
        this.slot = new WeightSlot(kernels, layer, manager, false);
        try (NDArray residual = kernels.one(manager, "residual_weight", slot.base(), startDown, startUp, factor)) {
            kernels.run("copy_into", slot.effective(), residual);
        }
        float[] down = HostCopy.floats(startDown);
        this.trained = LowRank.of(kernels, layer, scale, LowRankStart.of(down, HostCopy.floats(startUp), null), true);
    }

    /**
     * Attaches a fresh module.
     *
     * @param init PISSA or OLORA
     * @throws WrongCommandException if the weight has no such rank
     */
    static ResidualLowRank fresh(Kernels kernels, Layer layer, AdapterInit init, int rank, double scale) {
        int most = Math.min(layer.outputs(), layer.inputs() * layer.kernel() * layer.kernel());
        if (rank > most) {
            throw new WrongCommandException("adapter.rank must be at most " + most + " for adapter.init = "
                    + init.name().toLowerCase(java.util.Locale.ROOT) + " on " + layer.path() + ", got " + rank);
        }
        return new ResidualLowRank(kernels, layer, init, rank, scale);
    }

    @Override
    public Layer layer() {
        return layer;
    }

    @Override
    public List<Parameter> parameters() {
        return trained.parameters();
    }

    @Override
    public void strength(double strength) {
        if (strength == 1) {
            return;
        }
        if (strength != 0) {
            throw new WrongCommandException(
                    layer.path() + ": the strength of PiSSA and OLoRA is 0 or 1; export the adapter to blend it");
        }
        trained.strength(0);
        slot.vacate();
    }

    @Override
    public void dropout(Dropout rates, TorchRandom random) {
        if (rates.module() > 0) {
            throw new WrongCommandException("adapter.module_dropout must be 0 for adapter.init = pissa or olora:"
                    + " without its update a layer lacks a part of its weight");
        }
        trained.dropout(rates, random);
    }

    @Override
    public double limitNorm(double most) {
        throw new WrongCommandException("adapter.max_norm must be 0 for adapter.init = pissa or olora");
    }

    @Override
    public NDArray update(NDManager scope) {
        try (NDManager inner = scope.newSubManager()) {
            NDArray base = layer.base().load(inner, Precision.FP32);
            NDArray trainedPart = kernels.one(inner, "low_rank_weight", base, trained.down(), trained.up(), factor);
            NDArray update = trainedPart.sub(kernels.one(inner, "low_rank_weight", base, startDown, startUp, factor));
            update.attach(scope);
            return update;
        }
    }

    /** Down and up of twice the rank, with the start's negative; they live until the next call. */
    @Override
    public Map<String, NDArray> tensors() {
        exported.forEach(NDArray::close);
        exported.clear();
        exported.add(kernels.one(manager, "joined", trained.down(), startDown, 0, 1.0));
        exported.add(kernels.one(manager, "joined", trained.up(), startUp, 1, -1.0));
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put("lora_down.weight", exported.get(0));
        tensors.put("lora_up.weight", exported.get(1));
        return tensors;
    }

    @Override
    public double alpha() {
        return scale * rank();
    }

    @Override
    public int rank() {
        return 2 * trained.rank();
    }

    @Override
    public void close() {
        trained.close();
        slot.vacate();
        manager.close();
    }
}
