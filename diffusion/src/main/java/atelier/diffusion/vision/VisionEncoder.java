package atelier.diffusion.vision;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadedTensors;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.ClipLayer;
import atelier.diffusion.weights.StateDict;
import java.util.ArrayList;
import java.util.List;

/** CLIP's vision tower with its projection (Radford et al. 2021): pictures to vectors that may be compared. */
public final class VisionEncoder implements AutoCloseable {
    private final VisionConfig config;
    private final Kernels kernels;
    private final LoadedTensors tensors;
    private final Segment embed;
    private final Segment firstNorm;
    private final List<ClipLayer> transformer = new ArrayList<>();
    private final Segment first = new Segment("take_row", new BlockTensors());
    private final Segment lastNorm;
    private final Segment projection;

    private VisionEncoder(VisionConfig config, Kernels kernels, NetworkLoader loader, String prefix) {
        this.config = config;
        this.kernels = kernels;
        int width = config.width();
        String embeddings = prefix + "embeddings.";
        BlockTensors patches = loader.block().number("patch", config.patch());
        long[] patch = {width, 3, config.patch(), config.patch()};
        long[] positions = {config.patches() + 1, width};
        loader.weight(patches, "patch.weight", embeddings + "patch_embedding.weight", patch, patch);
        loader.weight(patches, "class.weight", embeddings + "class_embedding", new long[] {width}, width);
        loader.weight(patches, "position.weight", embeddings + "position_embedding.weight", positions, positions);
        embed = new Segment("patch_embed", patches);
        // The name is spelled so in the weights.
        firstNorm = norm(loader, prefix + "pre_layrnorm");
        ClipLayer.Form form =
                new ClipLayer.Form(width, config.heads(), config.feedForward(), config.eps(), config.gelu(), false);
        for (int i = 0; i < config.layers(); i++) {
            transformer.add(new ClipLayer(loader, prefix + "encoder.layers." + i, form));
        }
        lastNorm = norm(loader, prefix + "post_layernorm");
        BlockTensors block = loader.block();
        loader.linear(block, "linear", "visual_projection", Group.OTHER, width, config.projection(), false);
        projection = new Segment("projection", block);
        tensors = loader.loaded();
    }

    /**
     * Loads a tower.
     *
     * @param weights with {@code visual_projection.weight}; what other tensors there are stays the caller's to take
     * @param prefix of the tower's own names, such as {@code vision_model.}
     */
    public static VisionEncoder load(Kernels kernels, StateDict weights, String prefix, LoadOptions options) {
        VisionConfig config = VisionConfig.of(weights.config());
        NDManager manager = kernels.manager().newSubManager();
        try {
            return new VisionEncoder(config, kernels, new NetworkLoader(kernels, manager, weights, options), prefix);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    private Segment norm(NetworkLoader loader, String path) {
        BlockTensors block = loader.block().number("eps", config.eps());
        loader.norm(block, "norm", path, config.width());
        return new Segment("norm", block);
    }

    public VisionConfig config() {
        return config;
    }

    /**
     * The projected vector of one picture.
     *
     * @param picture [3, side, side], normalised as the tower was trained
     * @return [projection], not brought to length 1
     */
    public float[] embed(float[] picture) {
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            NDArray input = tape.scope().create(picture, new Shape(1, 3, config.picture(), config.picture()));
            Activation x = tape.apply(firstNorm, tape.apply(embed, tape.input(input)));
            for (ClipLayer layer : transformer) {
                x = layer.apply(tape, x);
            }
            NDArray start = tape.scope().create(new long[] {0});
            x = tape.apply(projection, tape.apply(lastNorm, tape.apply(first, x, tape.input(start))));
            return HostCopy.floats(kernels.one(tape.scope(), "to_type", x.value(), 6));
        }
    }

    @Override
    public void close() {
        first.tensors().close();
        tensors.close();
    }
}
