package atelier.trainer.optimizer;

import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parameters of equal shapes, which a rule for matrices can take as one stack where a kernel's start counts. */
public final class Stacks {
    private Stacks() {}

    /** In the order of each shape's first. */
    public static Map<Shape, List<Parameter>> of(List<Parameter> parameters) {
        Map<Shape, List<Parameter>> stacks = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            stacks.computeIfAbsent(parameter.value().getShape(), absent -> new ArrayList<>())
                    .add(parameter);
        }
        return stacks;
    }
}
