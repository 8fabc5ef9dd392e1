package atelier.diffusion.weights;

import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One network's weights under diffusers' (transformers') names, with its configuration, and an account of what was
 * taken. A network takes what it needs by name and shape and then calls {@link #requireEmpty()}, which lists every
 * missing, misshapen and unexpected tensor in one message. Weights stored as fp8 come out as fp16, which holds both
 * kinds exactly. A tensor with NaN or infinity is refused when its bytes are asked for. Not safe for use by several
 * threads.
 */
public final class StateDict {
    private static final int LISTED = 20;
    /** Beyond this many the file is another model; filling in for each would only cost memory. */
    private static final int HOPELESS = 100;

    private final String place;
    private final Map<String, TensorSource> tensors;
    private final ObjectNode config;
    private final Set<String> taken = new LinkedHashSet<>();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param place the file or folder and component, for messages
     * @param tensors by diffusers' names
     * @param config the keys of diffusers' config.json
     */
    public StateDict(String place, Map<String, ? extends TensorSource> tensors, ObjectNode config) {
        this.place = place;
        Map<String, TensorSource> checked = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> checked.put(name, CheckedTensor.of(place, name, tensor)));
        this.tensors = Collections.unmodifiableMap(checked);
        this.config = config;
    }

    /** Where the weights come from, for messages. */
    public String place() {
        return place;
    }

    /** The keys of diffusers' config.json; inferred from shapes for single files. */
    public ObjectNode config() {
        return config;
    }

    /** All names, taken or not. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** All tensors, untouched by the account, as stored. */
    public Map<String, TensorSource> sources() {
        return tensors;
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Takes a tensor of any shape.
     *
     * @throws WeightsException when it is missing
     */
    public TensorView tensor(String name) {
        TensorSource source = tensors.get(name);
        if (source == null) {
            throw new WeightsException(place + " has no tensor '" + name
                    + "'; is it another model than its configuration" + " says?" + nearest(name));
        }
        taken.add(name);
        return widened(source);
    }

    /**
     * Takes a tensor of a known shape. One that is missing or has another shape becomes a problem for
     * {@link #requireEmpty()} and zeros stand in for it, so that all problems are found in one pass.
     *
     * @throws WeightsException once so many are wrong that the file must be another model
     */
    public TensorView take(String name, long... shape) {
        TensorSource source = tensors.get(name);
        taken.add(name);
        if (source == null) {
            problem("'" + name + "' " + TensorView.describe(shape) + " is missing");
        } else if (!Arrays.equals(source.shape(), shape)) {
            problem("'" + name + "' should be " + TensorView.describe(shape) + " and is "
                    + TensorView.describe(source.shape()));
        } else {
            return widened(source);
        }
        DType dtype = DType.F16;
        return new TensorView(dtype, shape, ByteBuffer.allocate(Math.toIntExact(DType.byteSize(dtype, shape))));
    }

    private static TensorView widened(TensorSource source) {
        TensorView view = source.view();
        return switch (view.dtype()) {
            case F8_E4M3, F8_E5M2 -> Floats.convert(view, DType.F16);
            default -> view;
        };
    }

    private void problem(String problem) {
        problems.add(problem);
        if (problems.size() >= HOPELESS) {
            throw new WeightsException(message(problems));
        }
    }

    /** What is wrong so far: missing and misshapen tensors, then those that nobody took. */
    public List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        Map<String, TensorSource> left = new TreeMap<>(tensors);
        left.keySet().removeAll(taken);
        left.forEach(
                (name, tensor) -> all.add("'" + name + "' " + TensorView.describe(tensor.shape()) + " is unexpected"));
        return all;
    }

    /**
     * Checks that everything asked for was there and nothing is left.
     *
     * @throws WeightsException with all problems
     */
    public void requireEmpty() {
        List<String> all = problems();
        if (!all.isEmpty()) {
            throw new WeightsException(message(all));
        }
    }

    private String message(List<String> all) {
        StringBuilder text = new StringBuilder(place + " does not fit its configuration (");
        text.append(all.size()).append(all.size() == 1 ? " problem)" : " problems)");
        all.stream().limit(LISTED).forEach(line -> text.append("\n  ").append(line));
        if (all.size() > LISTED) {
            text.append("\n  and ").append(all.size() - LISTED).append(" more");
        }
        return text.append("\nUse the config.json that belongs to these weights, or fetch the model again")
                .toString();
    }

    private String nearest(String name) {
        String tail = name.substring(name.indexOf('.') + 1);
        return tensors.keySet().stream()
                .filter(other -> other.endsWith(tail))
                .findFirst()
                .map(other -> " It has '" + other + "'")
                .orElse("");
    }
}
