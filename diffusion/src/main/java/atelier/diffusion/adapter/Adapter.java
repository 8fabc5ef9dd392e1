package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.FlatBuffer;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All the modules that an adapter has in one network, in the network's order. */
public final class Adapter implements AutoCloseable {
    private final Kernels kernels;
    private final List<AdapterModule> modules;
    private final List<Parameter> parameters;
    private final NDList gradients;
    private final @Nullable Fused fused;

    /**
     * What is kept beside the modules where blocks run fused.
     *
     * @param manager owns the buffers
     * @param values of all that is trained
     * @param slopes the gradients of all that is trained, laid out as the values
     * @param copies null where no module is a low-rank one
     * @param masks null likewise
     */
    private record Fused(
            NDManager manager,
            FlatBuffer values,
            FlatBuffer slopes,
            @Nullable ComputeCopies copies,
            @Nullable DropoutMasks masks) {}

    public Adapter(Kernels kernels, List<? extends AdapterModule> modules) {
        this.kernels = kernels;
        this.modules = List.copyOf(modules);
        this.parameters = this.modules.stream()
                .flatMap(module -> module.parameters().stream())
                .toList();
        this.gradients = new NDList(parameters.stream().map(Parameter::gradient).toArray(NDArray[]::new));
        this.fused = kernels.execution().fused() && !parameters.isEmpty() ? fuse() : null;
    }

    private Fused fuse() {
        NDManager manager = kernels.manager().newSubManager();
        List<LowRank> lowRank = modules.stream()
                .filter(module ->
                        module instanceof LowRank && !module.parameters().isEmpty())
                .map(LowRank.class::cast)
                .toList();
        List<Parameter> ordered = new ArrayList<>(ComputeCopies.ordered(lowRank));
        modules.stream()
                .filter(module -> !(module instanceof LowRank))
                .forEach(module -> ordered.addAll(module.parameters()));
        FlatBuffer values = FlatBuffer.of(
                kernels, manager, ordered.stream().map(Parameter::value).toList());
        FlatBuffer slopes = FlatBuffer.of(
                kernels, manager, ordered.stream().map(Parameter::gradient).toList());
        ComputeCopies copies = lowRank.isEmpty() ? null : new ComputeCopies(kernels, manager, lowRank, values, slopes);
        DropoutMasks masks = lowRank.isEmpty()
                ? null
                : new DropoutMasks(
                        kernels, manager, values.whole(), lowRank.get(0).layer().precision());
        return new Fused(manager, values, slopes, copies, masks);
    }

    /** All that is trained as one buffer; empty where blocks do not run fused. */
    public Optional<FlatBuffer> flatValues() {
        return Optional.ofNullable(fused).map(Fused::values);
    }

    /** The gradients of all that is trained as one buffer; empty where blocks do not run fused. */
    public Optional<FlatBuffer> flatGradients() {
        return Optional.ofNullable(fused).map(Fused::slopes);
    }

    private @Nullable ComputeCopies copies() {
        return fused == null ? null : fused.copies();
    }

    public List<AdapterModule> modules() {
        return modules;
    }

    /** Everything that is trained. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        kernels.run(
                "zero_all",
                fused == null ? gradients : new NDList(fused.slopes().whole()));
        ComputeCopies copies = copies();
        if (copies != null) {
            copies.zero();
        }
    }

    /** To be called after the parameters changed. */
    public void refresh() {
        ComputeCopies copies = copies();
        if (copies != null) {
            copies.refresh();
        }
        modules.forEach(AdapterModule::refresh);
    }

    /** To be called after each backward pass where a step has several, so that gradients are added up in fp32. */
    public void gather() {
        ComputeCopies copies = copies();
        if (copies != null) {
            copies.gather();
        }
    }

    /** To be called after the backward passes of a step, before the gradients are read. */
    public void collect() {
        gather();
        modules.forEach(AdapterModule::collect);
    }

    /**
     * Draws what a step leaves out, each module from its own stream of (seed, step, place). With {@link Dropout#NONE}
     * nothing is left out: for validation and sampling.
     */
    public void dropout(Dropout rates, long seed, long step) {
        DropoutMasks masks = fused == null ? null : fused.masks();
        if (masks != null) {
            masks.begin();
        }
        for (int i = 0; i < modules.size(); i++) {
            long stream = (seed * 0x9E3779B97F4A7C15L + step) * 0xD1B54A32D192ED03L + i;
            TorchRandom random = new TorchRandom(stream);
            if (masks != null && modules.get(i) instanceof LowRank module) {
                masks.draw(module, rates, random);
            } else {
                modules.get(i).dropout(rates, random);
            }
        }
        if (masks != null) {
            masks.send();
        }
        takeOverWeights();
    }

    private void takeOverWeights() {
        ComputeCopies copies = copies();
        if (copies != null) {
            copies.refreshIfChanged();
        }
    }

    /**
     * Scales down each layer's update whose norm is larger, after a step of the optimiser, and refreshes.
     *
     * @return how many were scaled
     */
    public int limitNorms(double most) {
        int scaled = 0;
        for (AdapterModule module : modules) {
            scaled += module.limitNorm(most) > most ? 1 : 0;
        }
        refresh();
        return scaled;
    }

    /** The 2-norm over all gradients together. */
    public double gradientNorm(NDManager scope) {
        try (NDArray norm = kernels.one(scope, "global_norm", gradients)) {
            return HostCopy.number(norm);
        }
    }

    /** Multiplies all gradients, to clip them or to take a loss scale out. */
    public void scaleGradients(double factor) {
        kernels.run("scale_all", gradients, factor);
    }

    /** Multiplies the whole update; 0 gives the base bit for bit. */
    public void strength(double strength) {
        modules.forEach(module -> module.strength(strength));
        takeOverWeights();
    }

    @Override
    public void close() {
        modules.forEach(AdapterModule::close);
        if (fused != null) {
            fused.manager().close();
        }
    }
}
