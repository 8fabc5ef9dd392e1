package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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
