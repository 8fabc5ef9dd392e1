package atelier.diffusion.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Tokens whose vectors are trained, in all of a model's text encoders. The vectors live as long as the encoders. */
public final class TrainedTokens {
    private final Kernels kernels;
    private final List<NewToken> tokens;
    private final Map<Component, Vectors> networks = new EnumMap<>(Component.class);

    /**
     * One encoder's vectors, of all tokens one below the other.
     *
     * @param parameter [all vectors, width]
     * @param start what they began as
     * @param norm the median of the vocabulary's norms
     */
    private record Vectors(Parameter parameter, NDArray start, double norm) {}

    TrainedTokens(Kernels kernels, List<NewToken> tokens) {
        this.kernels = kernels;
        this.tokens = List.copyOf(tokens);
    }

    void add(Component network, Parameter parameter, NDArray start, double norm) {
        networks.put(network, new Vectors(parameter, start, norm));
    }

    /** What is trained of each encoder. */
    public Map<Component, Parameter> parameters() {
        Map<Component, Parameter> parameters = new EnumMap<>(Component.class);
        networks.forEach((network, vectors) -> parameters.put(network, vectors.parameter()));
        return parameters;
    }

    /** Brings each vector to the median norm of the vocabulary's, as OneTrainer does to keep a token's weight in prompts. */
    public void keepNorms() {
        networks.values()
                .forEach(vectors ->
                        kernels.run("rows_to_norm", vectors.parameter().value(), vectors.norm()));
    }

    /** Puts the vectors that training began with in place, until the result is closed. */
    public AtStart atStart() {
        NDManager kept = kernels.manager().newSubManager();
        Map<Component, NDArray> now = new EnumMap<>(Component.class);
        networks.forEach((network, vectors) -> {
            NDArray value = vectors.parameter().value();
            now.put(network, kernels.one(kept, "copy_of", value));
            kernels.run("copy_into", value, vectors.start());
        });
        return () -> {
            networks.forEach((network, vectors) ->
                    kernels.run("copy_into", vectors.parameter().value(), Objects.requireNonNull(now.get(network))));
            kept.close();
        };
    }

    /** Ends when it is closed. */
    public interface AtStart extends AutoCloseable {
        @Override
        void close();
    }

    /** The tokens with their vectors as they are now, of the first encoder before the second. */
    public List<TextualInversion> states() {
        List<TextualInversion> states = new ArrayList<>();
        int first = 0;
        for (NewToken token : tokens) {
            List<TensorView> vectors = new ArrayList<>();
            for (Vectors each : networks.values()) {
                NDArray value = each.parameter().value();
                int width = (int) value.getShape().get(1);
                float[] all = HostCopy.floats(value);
                float[] own = Arrays.copyOfRange(all, first * width, (first + token.vectors()) * width);
                vectors.add(TensorView.ofFloats(own, token.vectors(), width));
            }
            states.add(new TextualInversion(Path.of("what was trained"), token.token(), vectors));
            first += token.vectors();
        }
        return states;
    }
}
