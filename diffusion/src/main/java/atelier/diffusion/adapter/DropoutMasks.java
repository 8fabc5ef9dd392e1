package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Upload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What steps leave out of low-rank updates where blocks run fused. Masks of ranks go to the device in one copy for all
 * modules. Masks of elements are windows of one table of draws, each at a place of its own: no kernel makes them.
 */
final class DropoutMasks {
    /** Values: as many elements has the hidden state of 64 ranks over 8 pictures of 4096 tokens; larger ones repeat it. */
    private static final int WINDOW = 1 << 21;

    /** Places at which a window may begin. */
    private static final int PLACES = 1 << 20;

    private static final long TABLE_SEED = 0x64726f706f757473L;
    private static final int ALIGNMENT = 32;

    private final Kernels kernels;
    private final NDManager manager;
    private final NDArray like;
    private final Precision precision;
    private final Map<LowRank, float[]> ranks = new LinkedHashMap<>();
    private @Nullable NDArray table;
    private double tableRate;
    private final List<Upload> sent = new ArrayList<>();

    /**
     * @param manager owns the masks
     * @param like any array on the device
     * @param precision that updates are computed in
     */
    DropoutMasks(Kernels kernels, NDManager manager, NDArray like, Precision precision) {
        this.kernels = kernels;
        this.manager = manager;
        this.like = like;
        this.precision = precision;
    }

    /** To be called before the modules of a step draw: the step before it has been read back. */
    void begin() {
        sent.forEach(Upload::close);
        sent.clear();
    }

    /** Draws what a module leaves out; {@link #send} must follow. */
    void draw(LowRank module, Dropout rates, TorchRandom random) {
        module.leaveOut(rates.dropsModule(random));
        module.mask("rank_mask", null);
        if (rates.rank() > 0) {
            ranks.put(module, rates.rankMask(module.rank(), random));
        }
        module.mask("dropout", rates.network() > 0 ? window(rates.network(), random) : null);
        module.refresh();
    }

    private NDArray window(double rate, TorchRandom random) {
        long place = (long) (random.uniform(1)[0] * PLACES) / ALIGNMENT * ALIGNMENT;
        return kernels.one(manager, "view_of", table(rate), place, new long[] {WINDOW});
    }

    private NDArray table(double rate) {
        NDArray known = table;
        if (known != null && tableRate == rate) {
            return known;
        }
        float[] draws = new TorchRandom(TABLE_SEED).uniform(WINDOW + PLACES);
        float kept = (float) (1 / (1 - rate));
        for (int i = 0; i < draws.length; i++) {
            draws[i] = draws[i] < rate ? 0 : kept;
        }
        NDArray made;
        try (NDManager scope = manager.newSubManager()) {
            made = kernels.one(manager, "to_type", upload(scope, draws), precision.code());
        }
        if (known != null) {
            known.close();
        }
        table = made;
        tableRate = rate;
        return made;
    }

    /** Brings all masks of ranks that were drawn to the device and into their blocks. */
    void send() {
        if (ranks.isEmpty()) {
            return;
        }
        List<Long> places = new ArrayList<>();
        long length = 0;
        for (float[] mask : ranks.values()) {
            places.add(length);
            length += (mask.length + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
        }
        float[] all = new float[Math.toIntExact(length)];
        int i = 0;
        for (float[] mask : ranks.values()) {
            System.arraycopy(mask, 0, all, places.get(i++).intValue(), mask.length);
        }
        try (NDManager scope = manager.newSubManager();
                NDArray narrow = kernels.one(scope, "to_type", upload(scope, all), precision.code())) {
            i = 0;
            for (Map.Entry<LowRank, float[]> entry : ranks.entrySet()) {
                long[] shape = {entry.getValue().length};
                entry.getKey().mask("rank_mask", kernels.one(manager, "view_of", narrow, places.get(i++), shape));
            }
        }
        ranks.clear();
    }

    private NDArray upload(NDManager scope, float[] values) {
        Upload upload = new Upload(kernels, like);
        Upload.Part part = upload.add(values, new Shape(values.length));
        upload.send(scope);
        sent.add(upload);
        return part.array();
    }
}
