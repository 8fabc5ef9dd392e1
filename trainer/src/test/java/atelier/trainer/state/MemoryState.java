package atelier.trainer.state;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.Kernels;
import java.util.HashMap;
import java.util.Map;

/** A state that is not written to a file: what a part saved is loaded by another one. */
public final class MemoryState implements StateWriter {
    private final Map<String, Double> numbers = new HashMap<>();
    private final Map<String, NDArray> tensors = new HashMap<>();

    /** What a part saves; its arrays are taken as they are when they are loaded. */
    public static MemoryState of(Checkpointed part) {
        MemoryState state = new MemoryState();
        part.save(state);
        return state;
    }

    /** The numbers, which a test may change. */
    public Map<String, Double> numbers() {
        return numbers;
    }

    public Map<String, NDArray> tensors() {
        return tensors;
    }

    @Override
    public void number(String name, double value) {
        numbers.put(name, value);
    }

    @Override
    public void tensor(String name, NDArray value) {
        tensors.put(name, value);
    }

    /** Loads a part that has no tensors. */
    public void into(Checkpointed part) {
        part.load(new Reader(null));
    }

    /** Loads a part whose tensors are on a device. */
    public void into(Checkpointed part, Kernels kernels) {
        part.load(new Reader(kernels));
    }

    private final class Reader implements StateReader {
        private final Kernels kernels;

        Reader(Kernels kernels) {
            this.kernels = kernels;
        }

        @Override
        public double number(String name, double otherwise) {
            return numbers.getOrDefault(name, otherwise);
        }

        @Override
        public double number(String name) {
            if (!numbers.containsKey(name)) {
                throw new IllegalArgumentException("the saved state lacks the number '" + name + "'");
            }
            return numbers.get(name);
        }

        @Override
        public void tensor(String name, NDArray into) {
            NDArray saved = tensors.get(name);
            if (saved == null || !saved.getShape().equals(into.getShape())) {
                throw new IllegalArgumentException("the saved state lacks '" + name + "'");
            }
            kernels.run("copy_into", into, saved);
        }
    }
}
