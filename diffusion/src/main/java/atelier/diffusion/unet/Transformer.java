package atelier.diffusion.unet;

import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import java.util.ArrayList;
import java.util.List;

/**
 * Transformer2DModel: a group norm and a projection into tokens, layers of self-attention, cross-attention and a gated
 * feed-forward, and a projection back that is added to the picture.
 */
final class Transformer {
    private static final double GROUP_EPS = 1e-6;
    private static final double LAYER_EPS = 1e-5;

    private final Segment in;
    private final List<Segment> selfAttention = new ArrayList<>();
    private final List<Segment> crossAttention = new ArrayList<>();
    private final List<Segment> feedForward = new ArrayList<>();
    private final Segment out;

    Transformer(NetworkLoader loader, UNetConfig config, String path, int channels, int heads, int depth) {
        BlockTensors first = loader.block().number("groups", config.groups()).number("eps", GROUP_EPS);
        loader.norm(first, "norm", path + ".norm", channels);
        project(loader, config, first, "proj_in", path, channels);
        in = new Segment("transformer_in", first);
        for (int i = 0; i < depth; i++) {
            String layer = path + ".transformer_blocks." + i;
            selfAttention.add(attention(loader, layer, "1", channels, channels, heads));
            crossAttention.add(attention(loader, layer, "2", channels, config.contextWidth(), heads));
            feedForward.add(feedForward(loader, layer, channels));
        }
        BlockTensors last = loader.block();
        project(loader, config, last, "proj_out", path, channels);
        out = new Segment("transformer_out", last);
    }

    private static void project(
            NetworkLoader loader, UNetConfig config, BlockTensors block, String name, String path, int channels) {
        if (config.linearProjection()) {
            loader.linear(block, name, path + "." + name, Group.PROJECTIONS, channels, channels, true);
        } else {
            loader.projection(block, name, path + "." + name, Group.PROJECTIONS, channels, channels);
        }
    }

    private static Segment attention(
            NetworkLoader loader, String layer, String which, int channels, int contextWidth, int heads) {
        BlockTensors block =
                loader.block().number("heads", heads).number("eps", LAYER_EPS).number("causal", 0);
        String path = layer + ".attn" + which;
        loader.norm(block, "norm", layer + ".norm" + which, channels);
        loader.linear(block, "q", path + ".to_q", Group.ATTENTION, channels, channels, false);
        loader.linear(block, "k", path + ".to_k", Group.ATTENTION, contextWidth, channels, false);
        loader.linear(block, "v", path + ".to_v", Group.ATTENTION, contextWidth, channels, false);
        loader.linear(block, "out", path + ".to_out.0", Group.ATTENTION, channels, channels, true);
        if (which.equals("1")) {
            loader.joint(block, "qkv", "q", "k", "v");
        } else {
            loader.joint(block, "kv", "k", "v");
        }
        return new Segment("attention", block);
    }

    private static Segment feedForward(NetworkLoader loader, String layer, int channels) {
        BlockTensors block = loader.block().number("eps", LAYER_EPS);
        loader.norm(block, "norm", layer + ".norm3", channels);
        loader.linear(block, "in", layer + ".ff.net.0.proj", Group.FEED_FORWARD, channels, channels * 8, true);
        loader.linear(block, "out", layer + ".ff.net.2", Group.FEED_FORWARD, channels * 4, channels, true);
        return new Segment("feed_forward", block);
    }

    List<Segment> crossAttention() {
        return crossAttention;
    }

    /** Consumes x; the text stays the caller's. */
    Activation forward(Tape tape, Activation x, TextCondition text) {
        Activation tokens = tape.apply(in, x.retain());
        for (int i = 0; i < selfAttention.size(); i++) {
            tokens = tape.apply(selfAttention.get(i), tokens);
            tokens = text.attend(tape, crossAttention.get(i), tokens);
            tokens = tape.apply(feedForward.get(i), tokens);
        }
        return tape.apply(out, tokens, x);
    }
}
