package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Two rules side by side, each for its own parameters: one is for matrices, say, and another for the vectors. */
final class JoinedOptimizer implements Optimizer {
    private final Optimizer first;
    private final Optimizer rest;
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();

    JoinedOptimizer(Optimizer first, Optimizer rest) {
        this.first = first;
        this.rest = rest;
        tensors.putAll(first.tensors());
        tensors.putAll(rest.tensors());
    }

    @Override
    public List<ParameterGroup> groups() {
        return Stream.concat(first.groups().stream(), rest.groups().stream()).toList();
    }

    @Override
    public void step(double rate, long step) {
        first.step(rate, step);
        rest.step(rate, step);
    }

    @Override
    public Map<String, NDArray> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void close() {
        first.close();
        rest.close();
    }
}
