package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs segments and, when it records, goes back through them. Parameters' gradients are added into their buffers by
 * the kernels; the tape carries the gradients of activations only, and only where something upstream is trained.
 */
public final class Tape implements AutoCloseable {
    private final Kernels kernels;
    private final NDManager scope;
    private final boolean recording;
    private final Deque<Node> nodes = new ArrayDeque<>();

    private Tape(Kernels kernels, NDManager parent, boolean recording) {
        this.kernels = kernels;
        this.scope = parent.newSubManager();
        this.recording = recording;
    }

    /** A tape that keeps what {@link #backward} needs. */
    public static Tape recording(Kernels kernels, NDManager parent) {
        return new Tape(kernels, parent, true);
    }

    /** A tape that only runs forward. */
    public static Tape inference(Kernels kernels, NDManager parent) {
        return new Tape(kernels, parent, false);
    }

    /** The manager of what the tape makes; closing the tape closes it. */
    public NDManager scope() {
        return scope;
    }

    /** Brings an array onto the tape. The array is the caller's and stays open. */
    public Activation input(NDArray array) {
        return new Activation(array, false).retain();
    }

    /** As {@link #input}, and its gradient is wanted: {@link #gradient} gives it after {@link #backward}. */
    public Activation inputWithGradient(NDArray array) {
        return new Activation(array, recording).retain();
    }

    /** Runs a segment; consumes one use of each input. */
    public Activation apply(Segment segment, Activation... inputs) {
        boolean trainable = recording && segment.tensors().trains();
        for (Activation input : inputs) {
            trainable |= input.needsGradient();
        }
        boolean record = recording && trainable;
        NDList results = kernels.call(scope, segment.kernel(), segment.tensors(), values(inputs), record);
        Activation output = new Activation(results.get(0), record);
        if (record) {
            nodes.push(new SegmentNode(segment, inputs, results.subNDList(1), output));
        } else {
            for (Activation input : inputs) {
                input.release();
            }
        }
        return output;
    }

    /**
     * Runs a part of a network and keeps its inputs only: going back, the part runs again (gradient checkpointing,
     * Chen et al. 2016).
     *
     * @param part takes a tape and activations, one for each input, and consumes them
     */
    public Activation checkpoint(BiFunction<Tape, Activation[], Activation> part, Activation... inputs) {
        if (!recording) {
            return part.apply(this, inputs);
        }
        try (Tape forward = new Tape(kernels, scope, false)) {
            Activation[] leaves = Arrays.stream(inputs)
                    .map(input -> forward.input(input.value()))
                    .toArray(Activation[]::new);
            Activation inner = part.apply(forward, leaves);
            inner.value().attach(scope);
            Activation output = new Activation(inner.value(), true);
            nodes.push(new PartNode(part, inputs, output));
            return output;
        }
    }

    /** Goes back from an output, which it consumes, with the gradient of the loss to it; consumes the gradient too. */
    public void backward(Activation output, NDArray gradient) {
        output.receive(gradient, kernels);
        while (!nodes.isEmpty()) {
            nodes.pop().back();
        }
        output.release();
    }

    /** The gradient that reached an input after {@link #backward}; null where none did. */
    public @Nullable NDArray gradient(Activation input) {
        return input.takeGradient();
    }

    @Override
    public void close() {
        nodes.clear();
        scope.close();
    }

    private static NDList values(Activation... inputs) {
        NDList values = new NDList(inputs.length);
        for (Activation input : inputs) {
            values.add(input.value());
        }
        return values;
    }

    private abstract static class Node {
        final Activation[] inputs;
        final Activation output;

        Node(Activation[] inputs, Activation output) {
            this.inputs = inputs;
            // Its value may be gone by the time that this node goes back: only the gradient is asked for.
            this.output = output;
        }

        abstract List<@Nullable NDArray> inputGradients(NDArray gradient);

        final void back(Kernels kernels) {
            NDArray gradient = output.takeGradient();
            if (gradient != null) {
                List<@Nullable NDArray> gradients = inputGradients(gradient);
                gradient.close();
                for (int i = 0; i < inputs.length; i++) {
                    NDArray part = gradients.get(i);
                    if (part != null && inputs[i].needsGradient()) {
                        inputs[i].receive(part, kernels);
                    } else if (part != null) {
                        part.close();
                    }
                }
            }
            for (Activation input : inputs) {
                input.release();
            }
        }

        abstract void back();
    }

    private final class SegmentNode extends Node {
        private final Segment segment;
        private final NDList kept;

        SegmentNode(Segment segment, Activation[] inputs, NDList kept, Activation output) {
            super(inputs, output);
            this.segment = segment;
            this.kept = kept;
        }

        @Override
        List<@Nullable NDArray> inputGradients(NDArray gradient) {
            boolean[] need = new boolean[inputs.length];
            for (int i = 0; i < need.length; i++) {
                need[i] = inputs[i].needsGradient();
            }
            return new ArrayList<>(kernels.call(
                    scope, segment.kernel() + "_grad", segment.tensors(), values(inputs), kept, gradient, need));
        }

        @Override
        void back() {
            back(kernels);
            kept.forEach(NDArray::close);
        }
    }

    private final class PartNode extends Node {
        private final BiFunction<Tape, Activation[], Activation> part;

        PartNode(BiFunction<Tape, Activation[], Activation> part, Activation[] inputs, Activation output) {
            super(inputs, output);
            this.part = part;
        }

        @Override
        List<@Nullable NDArray> inputGradients(NDArray gradient) {
            try (Tape again = new Tape(kernels, scope, true)) {
                Activation[] leaves = Arrays.stream(inputs)
                        .map(input -> input.needsGradient()
                                ? again.inputWithGradient(input.value())
                                : again.input(input.value()))
                        .toArray(Activation[]::new);
                Activation result = part.apply(again, leaves);
                again.backward(result, gradient);
                List<@Nullable NDArray> gradients = new ArrayList<>();
                for (Activation leaf : leaves) {
                    NDArray reached = leaf.takeGradient();
                    if (reached != null) {
                        reached.attach(scope);
                    }
                    gradients.add(reached);
                }
                return gradients;
            }
        }

        @Override
        void back() {
            back(kernels);
        }
    }
}
