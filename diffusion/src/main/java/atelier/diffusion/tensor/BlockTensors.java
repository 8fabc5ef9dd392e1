package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one block by local name ("q.weight", "q.down"), and its numbers ("heads", "eps"). They are handed to
 * the engine once and again only after a change, so a call costs no more than its activations.
 */
public final class BlockTensors implements AutoCloseable {
    private final Map<String, PtNDArray> tensors = new LinkedHashMap<>();
    private final Map<String, Double> numbers = new LinkedHashMap<>();
    private @Nullable IValue boxedTensors;
    private @Nullable IValue boxedNumbers;

    public BlockTensors put(String key, NDArray tensor) {
        tensors.put(key, (PtNDArray) tensor);
        unbox();
        return this;
    }

    public BlockTensors number(String key, double value) {
        numbers.put(key, value);
        unbox();
        return this;
    }

    /** The tensor of that name. */
    public NDArray get(String key) {
        PtNDArray tensor = tensors.get(key);
        if (tensor == null) {
            throw new IllegalArgumentException("the block has no tensor '" + key + "', only " + tensors.keySet());
        }
        return tensor;
    }

    public boolean has(String key) {
        return tensors.containsKey(key);
    }

    /** Takes the tensor out of the block without closing it; null where there was none. */
    public @Nullable NDArray remove(String key) {
        unbox();
        return tensors.remove(key);
    }

    /** Whether any tensor of the block has a gradient buffer. */
    public boolean trains() {
        return tensors.keySet().stream().anyMatch(key -> key.endsWith(".grad"));
    }

    IValue tensors() {
        if (boxedTensors == null) {
            boxedTensors = IValue.stringMapFrom(tensors);
        }
        return boxedTensors;
    }

    IValue numbers() {
        if (boxedNumbers == null) {
            Map<String, IValue> boxed = new LinkedHashMap<>();
            // An empty dictionary has no type: every block carries at least one number.
            boxed.put("", IValue.from(0.0));
            numbers.forEach((key, value) -> boxed.put(key, IValue.from(value.doubleValue())));
            boxedNumbers = IValue.stringIValueMapFrom(boxed);
            boxed.values().forEach(IValue::close);
        }
        return boxedNumbers;
    }

    private void unbox() {
        if (boxedTensors != null) {
            boxedTensors.close();
            boxedTensors = null;
        }
        if (boxedNumbers != null) {
            boxedNumbers.close();
            boxedNumbers = null;
        }
    }

    /** Releases the engine's view of the block; the tensors belong to whoever made them. */
    @Override
    public void close() {
        unbox();
    }
}
