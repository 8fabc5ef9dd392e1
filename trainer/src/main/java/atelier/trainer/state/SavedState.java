package atelier.trainer.state;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A state that lies in a run's folder. */
final class SavedState implements StateReader {
    private final Path file;
    private final SafetensorsFile tensors;
    private final JsonNode numbers;
    private final Kernels kernels;
    private final Set<String> read = new HashSet<>();

    /** @param numbers by owner and name, beside other facts */
    SavedState(Path file, JsonNode numbers, Kernels kernels) throws IOException {
        this.file = file;
        this.tensors = SafetensorsFile.open(file);
        this.numbers = numbers;
        this.kernels = kernels;
    }

    @Override
    public double number(String name, double otherwise) {
        JsonNode number = find(name);
        return number.isNumber() ? number.asDouble() : otherwise;
    }

    @Override
    public double number(String name) {
        JsonNode number = find(name);
        if (!number.isNumber()) {
            throw new WrongCommandException(
                    "the saved state lacks the number '" + name + "'; was it saved with another optimizer.name?");
        }
        return number.asDouble();
    }

    private JsonNode find(String name) {
        int dot = name.indexOf('.');
        return numbers.path(name.substring(0, dot)).path(name.substring(dot + 1));
    }

    @Override
    public void tensor(String name, NDArray into) {
        TensorView view = tensors.find(name);
        if (view == null || !new Shape(view.shape()).equals(into.getShape())) {
            throw new WrongCommandException(file + " lacks '" + name + "' of shape " + into.getShape()
                    + "; was it saved with other adapter or optimizer settings?");
        }
        try (NDManager scope = kernels.manager().newSubManager()) {
            kernels.run("copy_into", into, TensorFiles.array(scope, view));
        }
        read.add(name);
    }

    /** @throws WrongCommandException naming the first tensor that nothing in this run took */
    void requireAllRead() {
        for (String name : tensors.tensors().keySet()) {
            if (!read.contains(name)) {
                throw new WrongCommandException(file + " holds '" + name + "', which this run does not have; was it"
                        + " saved with other adapter or optimizer settings?");
            }
        }
    }
}
