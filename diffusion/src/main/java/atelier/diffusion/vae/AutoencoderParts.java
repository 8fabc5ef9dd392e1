package atelier.diffusion.vae;

import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import java.util.ArrayList;
import java.util.List;

/** Builds the two halves of an autoencoder as chains of segments, with diffusers' names. */
final class AutoencoderParts {
    private static final double EPS = 1e-6;

    private final AutoencoderConfig config;
    private final NetworkLoader loader;

    AutoencoderParts(AutoencoderConfig config, NetworkLoader loader) {
        this.config = config;
        this.loader = loader;
    }

    /** Pictures to moments. */
    List<Segment> encoder() {
        List<Segment> chain = new ArrayList<>();
        List<Integer> channels = config.channels();
        chain.add(convIn("encoder.conv_in", 3, channels.get(0), 3));
        int previous = channels.get(0);
        for (int i = 0; i < channels.size(); i++) {
            String path = "encoder.down_blocks." + i;
            for (int j = 0; j < config.layers(); j++) {
                chain.add(resnet(path + ".resnets." + j, previous, channels.get(i)));
                previous = channels.get(i);
            }
            if (i < channels.size() - 1) {
                // The encoder pads on the right and below only, before a convolution without padding.
                chain.add(sampler("downsample", path + ".downsamplers.0.conv", previous, 2, 0));
            }
        }
        middle(chain, "encoder.mid_block", previous);
        chain.add(convOut("encoder", previous, 2 * config.latentChannels()));
        if (config.quantConvolution()) {
            chain.add(pointwise("quant_conv", 2 * config.latentChannels()));
        }
        return chain;
    }

    /** Latents to pictures. */
    List<Segment> decoder() {
        List<Segment> chain = new ArrayList<>();
        List<Integer> channels = config.channels();
        int previous = channels.get(channels.size() - 1);
        if (config.postQuantConvolution()) {
            chain.add(pointwise("post_quant_conv", config.latentChannels()));
        }
        chain.add(convIn("decoder.conv_in", config.latentChannels(), previous, 3));
        middle(chain, "decoder.mid_block", previous);
        for (int i = 0; i < channels.size(); i++) {
            String path = "decoder.up_blocks." + i;
            int output = channels.get(channels.size() - 1 - i);
            for (int j = 0; j <= config.layers(); j++) {
                chain.add(resnet(path + ".resnets." + j, previous, output));
                previous = output;
            }
            if (i < channels.size() - 1) {
                chain.add(sampler("upsample", path + ".upsamplers.0.conv", output, 1, 1));
            }
        }
        chain.add(convOut("decoder", previous, 3));
        return chain;
    }

    private void middle(List<Segment> chain, String path, int channels) {
        chain.add(resnet(path + ".resnets.0", channels, channels));
        if (config.attention()) {
            chain.add(attention(path + ".attentions.0", channels));
        }
        chain.add(resnet(path + ".resnets.1", channels, channels));
    }

    private Segment attention(String path, int channels) {
        BlockTensors block = normed().number("heads", 1);
        loader.norm(block, "norm", path + ".group_norm", channels);
        loader.linear(block, "q", path + ".to_q", Group.ATTENTION, channels, channels, true);
        loader.linear(block, "k", path + ".to_k", Group.ATTENTION, channels, channels, true);
        loader.linear(block, "v", path + ".to_v", Group.ATTENTION, channels, channels, true);
        loader.linear(block, "out", path + ".to_out.0", Group.ATTENTION, channels, channels, true);
        return new Segment("pixel_attention", block);
    }

    private Segment resnet(String path, int inputs, int outputs) {
        BlockTensors block = normed();
        loader.norm(block, "norm1", path + ".norm1", inputs);
        loader.convolution(block, "conv1", path + ".conv1", Group.RESNETS, inputs, outputs, 3, 1, 1);
        loader.norm(block, "norm2", path + ".norm2", outputs);
        loader.convolution(block, "conv2", path + ".conv2", Group.RESNETS, outputs, outputs, 3, 1, 1);
        if (inputs != outputs) {
            loader.convolution(block, "shortcut", path + ".conv_shortcut", Group.RESNETS, inputs, outputs, 1, 1, 0);
        }
        return new Segment("resnet", block);
    }

    private Segment sampler(String kernel, String path, int channels, int stride, int padding) {
        BlockTensors block = loader.block().number("padding", padding);
        loader.convolution(block, "conv", path, Group.SAMPLERS, channels, channels, 3, stride, padding);
        return new Segment(kernel, block);
    }

    private Segment convIn(String path, int inputs, int outputs, int kernel) {
        BlockTensors block = loader.block().number("padding", Math.floorDiv(kernel, 2));
        loader.convolution(block, "conv", path, Group.OTHER, inputs, outputs, kernel, 1, kernel / 2);
        return new Segment("conv_in", block);
    }

    private Segment convOut(String half, int inputs, int outputs) {
        BlockTensors block = normed();
        loader.norm(block, "norm", half + ".conv_norm_out", inputs);
        loader.convolution(block, "conv", half + ".conv_out", Group.OTHER, inputs, outputs, 3, 1, 1);
        return new Segment("conv_out", block);
    }

    private Segment pointwise(String path, int channels) {
        BlockTensors block = loader.block();
        loader.convolution(block, "conv", path, Group.OTHER, channels, channels, 1, 1, 0);
        return new Segment("pointwise", block);
    }

    private BlockTensors normed() {
        return loader.block().number("groups", config.groups()).number("eps", EPS);
    }
}
