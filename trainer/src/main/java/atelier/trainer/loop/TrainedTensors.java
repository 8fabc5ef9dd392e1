package atelier.trainer.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.optimizer.FlatParameters;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Values and gradients of all that is trained, in as few tensors as they lie in: read, scaled and moved as a whole. */
final class TrainedTensors implements Trainer.Gradients {
    private final Kernels kernels;
    private final List<Parameter> parameters;
    /** Values and gradients as other copies have them too, one after the other. */
    private final List<Place> places;
    /** All gradients, as few tensors as they lie in. */
    private final NDList gradients;
    /** What is still on its way to this device. */
    private final List<NDArray> staged = new ArrayList<>();

    TrainedTensors(Kernels kernels, Collection<Adapter> adapters, List<Parameter> parameters) {
        this.kernels = kernels;
        this.parameters = parameters;
        this.places = places(adapters, parameters);
        this.gradients = new NDList(places.stream().map(Place::gradient).toArray(NDArray[]::new));
    }

    /** Tensors that are moved as one. */
    private record Place(NDArray value, NDArray gradient) {}

    private static List<Place> places(Collection<Adapter> adapters, List<Parameter> parameters) {
        List<FlatParameters> buffers = new ArrayList<>();
        for (Adapter adapter : adapters) {
            FlatParameters.of(adapter).ifPresent(buffers::add);
        }
        List<Place> places = new ArrayList<>();
        for (FlatParameters buffer : buffers) {
            places.add(new Place(buffer.values().whole(), buffer.gradients().whole()));
        }
        for (Parameter parameter : parameters) {
            if (buffers.stream().noneMatch(buffer -> buffer.values().contains(parameter.value()))) {
                places.add(new Place(parameter.value(), parameter.gradient()));
            }
        }
        return places;
    }

    void zeroGradients() {
        kernels.run("zero_all", gradients);
    }

    @Override
    public void scaleGradients(double factor) {
        kernels.run("scale_all", gradients, factor);
    }

    @Override
    public Trainer.StepFigures read(PendingLoss loss, double lossScale) {
        try (loss) {
            if (!kernels.execution().fused()) {
                if (lossScale != 1) {
                    scaleGradients(1 / lossScale);
                }
                return new Trainer.StepFigures(loss.known(), gradientNorm(), 1);
            }
            try (NDArray both = kernels.one(kernels.manager(), "step_figures", loss.parts(), gradients)) {
                float[] figures = HostCopy.floats(both);
                return new Trainer.StepFigures(loss.known() + figures[0], figures[1] / lossScale, lossScale);
            }
        } finally {
            forgetStaged();
        }
    }

    private double gradientNorm() {
        try (NDArray norm = kernels.one(kernels.manager(), "global_norm", gradients)) {
            return HostCopy.number(norm);
        }
    }

    /** The 2-norm of each tensor that is trained. */
    double[] norms() {
        double[] norms = new double[parameters.size()];
        if (kernels.execution().fused()) {
            NDList values = new NDList(parameters.stream().map(Parameter::value).toArray(NDArray[]::new));
            try (NDArray all = kernels.one(kernels.manager(), "norms_of", values)) {
                float[] each = HostCopy.floats(all);
                Arrays.setAll(norms, i -> each[i]);
            }
            return norms;
        }
        for (int i = 0; i < norms.length; i++) {
            NDList one = new NDList(parameters.get(i).value());
            try (NDArray norm = kernels.one(kernels.manager(), "global_norm", one)) {
                norms[i] = HostCopy.number(norm);
            }
        }
        return norms;
    }

    /** Takes the values of a copy on another device. */
    void takeValues(TrainedTensors other) {
        transfer(other, "upload_into", Place::value);
    }

    /** Adds the gradients of a copy on another device. */
    void addGradients(TrainedTensors other) {
        transfer(other, "upload_added", Place::gradient);
        // Its gradients have come: whatever had been sent to it before has arrived.
        other.forgetStaged();
    }

    /** By way of the host, as devices need not see each other; in the other copy's buffers where this one has the same. */
    private void transfer(TrainedTensors other, String kernel, Function<Place, NDArray> of) {
        List<NDArray> to = places.stream().map(of).toList();
        List<NDArray> from = other.places.stream().map(of).toList();
        boolean alike = kernels.execution().fused() == other.kernels.execution().fused();
        if (!alike) {
            to = each(of);
            from = other.each(of);
        }
        for (int i = 0; i < to.size(); i++) {
            NDArray host = HostCopy.of(from.get(i));
            kernels.run(kernel, to.get(i), host);
            if (kernels.execution().fused()) {
                staged.add(host);
            } else {
                host.close();
            }
        }
    }

    float[] values() {
        return flat(Parameter::value);
    }

    void values(float[] all) {
        send(all, "upload_into", Parameter::value);
    }

    float[] gradients() {
        return flat(Parameter::gradient);
    }

    void addGradients(float[] all) {
        send(all, "upload_added", Parameter::gradient);
    }

    /** Tensor after tensor, in the order of the parameters, which is the same on every device. */
    private float[] flat(Function<Parameter, NDArray> of) {
        float[] all = new float[Math.toIntExact(elements())];
        int at = 0;
        for (Parameter parameter : parameters) {
            float[] one = HostCopy.floats(of.apply(parameter));
            System.arraycopy(one, 0, all, at, one.length);
            at += one.length;
        }
        return all;
    }

    private void send(float[] all, String kernel, Function<Parameter, NDArray> of) {
        if (all.length != elements()) {
            throw new IllegalArgumentException(all.length + " numbers for " + elements() + " that are trained");
        }
        FloatBuffer from = FloatBuffer.wrap(all);
        for (Parameter parameter : parameters) {
            NDArray to = of.apply(parameter);
            float[] part = new float[(int) to.size()];
            from.get(part);
            try (NDArray host = kernels.manager().create(part, to.getShape())) {
                kernels.run(kernel, to, host);
            }
        }
    }

    private long elements() {
        return parameters.stream().mapToLong(each -> each.value().size()).sum();
    }

    private List<NDArray> each(Function<Place, NDArray> of) {
        return parameters.stream()
                .map(parameter -> of.apply(new Place(parameter.value(), parameter.gradient())))
                .toList();
    }

    private void forgetStaged() {
        staged.forEach(NDArray::close);
        staged.clear();
    }
}
