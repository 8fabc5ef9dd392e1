package atelier.diffusion.unet;

import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One level of a UNet: residual blocks, each followed by a transformer where the level has them, and at its end the
 * step to the next resolution.
 */
final class UNetLevel {
    private static final Segment CONCAT = new Segment("concat", new BlockTensors());

    private final String name;
    private final List<Segment> resnets;
    private final List<Transformer> transformers;
    private final @Nullable Segment sampler;

    UNetLevel(String name, List<Segment> resnets, List<Transformer> transformers, @Nullable Segment sampler) {
        this.name = name;
        this.resnets = List.copyOf(resnets);
        this.transformers = List.copyOf(transformers);
        this.sampler = sampler;
    }

    String name() {
        return name;
    }

    List<Segment> crossAttention() {
        return transformers.stream()
                .flatMap(transformer -> transformer.crossAttention().stream())
                .toList();
    }

    /** Way down: consumes x, leaves one skip for each layer and for the step to the next level. */
    Activation down(
            Tape tape, Activation x, Activation time, TextCondition text, Deque<Activation> skips, boolean checkpoint) {
        for (int i = 0; i < resnets.size(); i++) {
            x = layer(tape, i, x, time, text, checkpoint);
            skips.push(x.retain());
        }
        if (sampler != null) {
            x = tape.apply(sampler, x);
            skips.push(x.retain());
        }
        return x;
    }

    /** The middle: a residual block, a transformer, a residual block; smaller models lack some of it. Consumes x. */
    Activation through(Tape tape, Activation x, Activation time, TextCondition text, boolean checkpoint) {
        if (resnets.isEmpty()) {
            return x;
        }
        x = layer(tape, 0, x, time, text, checkpoint);
        return resnets.size() > 1 ? tape.apply(resnets.get(1), x, time.retain()) : x;
    }

    /** Way up: consumes x and, for each layer, the latest skip. */
    Activation up(
            Tape tape, Activation x, Activation time, TextCondition text, Deque<Activation> skips, boolean checkpoint) {
        for (int i = 0; i < resnets.size(); i++) {
            x = tape.apply(CONCAT, x, skips.pop());
            x = layer(tape, i, x, time, text, checkpoint);
        }
        if (sampler == null) {
            return x;
        }
        Activation skip = skips.element();
        // Where a side was odd on the way down, doubling would miss the skip's size.
        boolean doubles = skip.value().getShape().get(2)
                        == 2 * x.value().getShape().get(2)
                && skip.value().getShape().get(3) == 2 * x.value().getShape().get(3);
        return doubles ? tape.apply(sampler, x) : tape.apply(sampler, x, skip.retain());
    }

    private Activation layer(Tape tape, int i, Activation x, Activation time, TextCondition text, boolean checkpoint) {
        if (!checkpoint) {
            return run(tape, i, x, time, text);
        }
        return tape.checkpoint(
                (part, inputs) -> {
                    Activation y = run(part, i, inputs[0], inputs[1], TextCondition.of(inputs[2]));
                    inputs[1].release();
                    inputs[2].release();
                    return y;
                },
                x,
                time.retain(),
                text.requireStates().retain());
    }

    /** Consumes x only. */
    private Activation run(Tape tape, int i, Activation x, Activation time, TextCondition text) {
        Activation y = tape.apply(resnets.get(i), x, time.retain());
        return i < transformers.size() ? transformers.get(i).forward(tape, y, text) : y;
    }
}
