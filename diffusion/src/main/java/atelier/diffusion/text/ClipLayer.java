package atelier.diffusion.text;

import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import java.util.List;

/** A transformer layer as CLIP's two towers have it: attention, then feed-forward, a norm before each. */
public final class ClipLayer {
    private final Segment attention;
    private final Segment feedForward;

    /**
     * What all layers of a tower share.
     *
     * @param width of the states
     * @param heads of the attention
     * @param feedForward values between the two projections of the feed-forward
     * @param eps of the norms
     * @param gelu whether the activation is GELU; otherwise it is its quick form, x sigmoid(1.702 x)
     * @param causal whether a place sees no later ones: yes for texts, no for pictures
     */
    public record Form(int width, int heads, int feedForward, double eps, boolean gelu, boolean causal) {}

    /**
     * Takes a layer's weights.
     *
     * @param path of the layer, such as {@code text_model.encoder.layers.0}
     */
    public ClipLayer(NetworkLoader loader, String path, Form form) {
        int width = form.width();
        BlockTensors block = loader.block()
                .number("heads", form.heads())
                .number("eps", form.eps())
                .number("causal", form.causal() ? 1 : 0);
        loader.norm(block, "norm", path + ".layer_norm1", width);
        for (String name : List.of("q", "k", "v", "out")) {
            loader.linear(block, name, path + ".self_attn." + name + "_proj", Group.ATTENTION, width, width, true);
        }
        loader.joint(block, "qkv", "q", "k", "v");
        attention = new Segment("attention", block);
        block = loader.block().number("eps", form.eps()).number("activation", form.gelu() ? 1 : 0);
        loader.norm(block, "norm", path + ".layer_norm2", width);
        loader.linear(block, "fc1", path + ".mlp.fc1", Group.FEED_FORWARD, width, form.feedForward(), true);
        loader.linear(block, "fc2", path + ".mlp.fc2", Group.FEED_FORWARD, form.feedForward(), width, true);
        feedForward = new Segment("mlp", block);
    }

    /** States [n, places, width] after the layer. */
    public Activation apply(Tape tape, Activation x) {
        return tape.apply(feedForward, tape.apply(attention, x));
    }
}
