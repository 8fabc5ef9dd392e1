package atelier.diffusion.unet;

import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import java.util.ArrayList;
import java.util.List;

/** Builds the parts of a UNet from its configuration, with diffusers' names. */
final class UNetParts {
    private final UNetConfig config;
    private final NetworkLoader loader;
    private final Segment time;
    private final Segment convIn;
    private final Segment convOut;
    private final List<UNetLevel> down = new ArrayList<>();
    private final UNetLevel middle;
    private final List<UNetLevel> up = new ArrayList<>();

    UNetParts(UNetConfig config, NetworkLoader loader) {
        this.config = config;
        this.loader = loader;
        int first = config.channels().get(0);
        this.time = time(first);
        BlockTensors in = loader.block().number("padding", 1);
        loader.convolution(in, "conv", "conv_in", Group.OTHER, config.inChannels(), first, 3, 1, 1);
        this.convIn = new Segment("conv_in", in);
        buildDown();
        this.middle = buildMiddle();
        buildUp();
        BlockTensors out = loader.block().number("groups", config.groups()).number("eps", config.eps());
        loader.norm(out, "norm", "conv_norm_out", first);
        loader.convolution(out, "conv", "conv_out", Group.OTHER, first, config.outChannels(), 3, 1, 1);
        this.convOut = new Segment("conv_out", out);
    }

    private Segment time(int first) {
        int width = config.timeWidth();
        BlockTensors block = loader.block()
                .number("width", first)
                .number("flip", config.flipSinToCos() ? 1 : 0)
                .number("shift", config.freqShift())
                .number("size_width", config.sizeWidth());
        loader.linear(block, "linear_1", "time_embedding.linear_1", Group.TIME_EMBEDDING, first, width, true);
        loader.linear(block, "linear_2", "time_embedding.linear_2", Group.TIME_EMBEDDING, width, width, true);
        if (config.textTime()) {
            int added = config.addedWidth();
            loader.linear(block, "add_1", "add_embedding.linear_1", Group.TIME_EMBEDDING, added, width, true);
            loader.linear(block, "add_2", "add_embedding.linear_2", Group.TIME_EMBEDDING, width, width, true);
        }
        return new Segment("time_embedding", block);
    }

    private void buildDown() {
        int input = config.channels().get(0);
        for (int i = 0; i < config.levels(); i++) {
            int output = config.channels().get(i);
            String path = "down_blocks." + i;
            loader.level(i, i == config.levels() - 1);
            List<Segment> resnets = new ArrayList<>();
            List<Transformer> transformers = new ArrayList<>();
            for (int j = 0; j < config.layers().get(i); j++) {
                resnets.add(resnet(path + ".resnets." + j, j == 0 ? input : output, output));
                if (config.downAttention().get(i)) {
                    transformers.add(transformer(
                            path + ".attentions." + j,
                            i,
                            config.depths().down().get(i).get(j)));
                }
            }
            Segment sampler = null;
            if (i < config.levels() - 1) {
                sampler = sampler("downsample", path + ".downsamplers.0.conv", output, 2);
            }
            down.add(new UNetLevel(path, resnets, transformers, sampler));
            input = output;
        }
    }

    private UNetLevel buildMiddle() {
        int last = config.levels() - 1;
        int channels = config.channels().get(last);
        List<Segment> resnets = new ArrayList<>();
        for (int i = 0; i < config.depths().middleResnets(); i++) {
            resnets.add(resnet("mid_block.resnets." + i, channels, channels));
        }
        int depth = config.depths().middle();
        List<Transformer> transformers =
                depth == 0 ? List.of() : List.of(transformer("mid_block.attentions.0", last, depth));
        return new UNetLevel("mid_block", resnets, transformers, null);
    }

    private void buildUp() {
        int levels = config.levels();
        int previous = config.channels().get(levels - 1);
        for (int i = 0; i < levels; i++) {
            int level = levels - 1 - i;
            int output = config.channels().get(level);
            int finer = config.channels().get(Math.max(level - 1, 0));
            int count = config.layers().get(level) + 1;
            String path = "up_blocks." + i;
            loader.level(level, i == 0);
            List<Segment> resnets = new ArrayList<>();
            List<Transformer> transformers = new ArrayList<>();
            for (int j = 0; j < count; j++) {
                int skip = j == count - 1 ? finer : output;
                resnets.add(resnet(path + ".resnets." + j, (j == 0 ? previous : output) + skip, output));
                if (config.upAttention().get(i)) {
                    transformers.add(transformer(
                            path + ".attentions." + j,
                            level,
                            config.depths().up().get(i).get(j)));
                }
            }
            Segment sampler = null;
            if (i < levels - 1) {
                sampler = sampler("upsample", path + ".upsamplers.0.conv", output, 1);
            }
            up.add(new UNetLevel(path, resnets, transformers, sampler));
            previous = output;
        }
    }

    private Segment resnet(String path, int inputs, int outputs) {
        BlockTensors block = loader.block().number("groups", config.groups()).number("eps", config.eps());
        loader.norm(block, "norm1", path + ".norm1", inputs);
        loader.convolution(block, "conv1", path + ".conv1", Group.RESNETS, inputs, outputs, 3, 1, 1);
        loader.linear(block, "time", path + ".time_emb_proj", Group.RESNETS, config.timeWidth(), outputs, true);
        loader.norm(block, "norm2", path + ".norm2", outputs);
        loader.convolution(block, "conv2", path + ".conv2", Group.RESNETS, outputs, outputs, 3, 1, 1);
        if (inputs != outputs) {
            loader.convolution(block, "shortcut", path + ".conv_shortcut", Group.RESNETS, inputs, outputs, 1, 1, 0);
            loader.foldBias(block, "shortcut", "conv2");
        }
        loader.foldBias(block, "conv1", "time");
        return new Segment("resnet", block);
    }

    private Segment sampler(String kernel, String path, int channels, int stride) {
        BlockTensors block = loader.block().number("padding", 1);
        loader.convolution(block, "conv", path, Group.SAMPLERS, channels, channels, 3, stride, 1);
        return new Segment(kernel, block);
    }

    private Transformer transformer(String path, int level, int depth) {
        return new Transformer(
                loader,
                config,
                path,
                config.channels().get(level),
                config.heads().get(level),
                depth);
    }

    Segment time() {
        return time;
    }

    Segment convIn() {
        return convIn;
    }

    Segment convOut() {
        return convOut;
    }

    List<UNetLevel> down() {
        return down;
    }

    UNetLevel middle() {
        return middle;
    }

    List<UNetLevel> up() {
        return up;
    }
}
