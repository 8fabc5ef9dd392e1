package atelier.trainer.state;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the parts of a run hand over to be saved, before it is written. */
final class StateParts implements StateWriter {
    private final Map<String, Map<String, Double>> numbers = new LinkedHashMap<>();
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();

    @Override
    public void number(String name, double value) {
        int dot = name.indexOf('.');
        // In order of names: the same state is the same bytes.
        numbers.computeIfAbsent(name.substring(0, dot), owner -> new TreeMap<>())
                .put(name.substring(dot + 1), value);
    }

    @Override
    public void tensor(String name, NDArray value) {
        tensors.put(name, value);
    }

    /** Numbers by their owner's name and their own. */
    Map<String, Map<String, Double>> numbers() {
        return numbers;
    }

    Map<String, NDArray> tensors() {
        return tensors;
    }
}
