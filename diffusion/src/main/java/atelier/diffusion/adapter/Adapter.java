package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.List;

/** All the modules that an adapter has in one network, in the network's order. */
public final class Adapter implements AutoCloseable {
    private final Kernels kernels;
    private final List<AdapterModule> modules;
    private final List<Parameter> parameters;
    private final NDList gradients;

    public Adapter(Kernels kernels, List<? extends AdapterModule> modules) {
        this.kernels = kernels;
        this.modules = List.copyOf(modules);
        this.parameters = this.modules.stream()
                .flatMap(module -> module.parameters().stream())
                .toList();
        this.gradients = new NDList(parameters.stream().map(Parameter::gradient).toArray(NDArray[]::new));
    }

    public List<AdapterModule> modules() {
        return modules;
    }

    /** Everything that learns. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        kernels.run("zero_all", gradients);
    }

    /** To be called after the parameters changed. */
    public void refresh() {
        modules.forEach(AdapterModule::refresh);
    }

    /** To be called after the backward passes of a step, before the gradients are read. */
    public void collect() {
        modules.forEach(AdapterModule::collect);
    }

    /**
     * Draws what a step leaves out, each module from its own stream of (seed, step, place). With {@link Dropout#NONE}
     * nothing is left out: for validation and sampling.
     */
    public void dropout(Dropout rates, long seed, long step) {
        for (int i = 0; i < modules.size(); i++) {
            long stream = (seed * 0x9E3779B97F4A7C15L + step) * 0xD1B54A32D192ED03L + i;
            modules.get(i).dropout(rates, new TorchRandom(stream));
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
            return norm.getFloat();
        }
    }

    /** Multiplies all gradients, to clip them or to take a loss scale out. */
    public void scaleGradients(double factor) {
        kernels.run("scale_all", gradients, factor);
    }

    /** Multiplies the whole update; 0 gives the base bit for bit, and is final: attach the adapter again to undo it. */
    public void strength(double strength) {
        modules.forEach(module -> module.strength(strength));
    }

    @Override
    public void close() {
        modules.forEach(AdapterModule::close);
    }
}
