package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * A linear layer, convolution or norm of a network, as adapters see it: where it is, its size, and the block whose kernel
 * runs it.
 *
 * @param path the layer's module path in diffusers' names, without ".weight"
 * @param group what it belongs to, for choosing targets
 * @param kind linear, a convolution, or a norm, whose weight is a vector
 * @param inputs input features or channels
 * @param outputs output features or channels
 * @param kernel side of a convolution's kernel; 1 for linear layers
 * @param stride a convolution's stride
 * @param padding a convolution's padding
 * @param bias whether the weight file has a bias for it
 * @param block the tensors of the block that it belongs to
 * @param local its name there
 * @param precision what the block computes in
 * @param base gives the frozen weight again, whatever the block has made of it
 */
public record Layer(
        String path,
        Group group,
        Kind kind,
        int inputs,
        int outputs,
        int kernel,
        int stride,
        int padding,
        boolean bias,
        BlockTensors block,
        String local,
        Precision precision,
        Base base) {

    /** Reads a layer's frozen weight anew from where the network came from. */
    @FunctionalInterface
    public interface Base {
        /** The weight in the given precision, of the shape that the kernel takes. The caller closes it. */
        NDArray load(NDManager scope, Precision precision);
    }

    /** What kind of layer the weight file has. A 1x1 projection is stored as a convolution and computed as linear. */
    public enum Kind {
        LINEAR,
        PROJECTION_1X1,
        CONVOLUTION,
        NORM
    }

    /** Groups that adapter.targets names. */
    public enum Group {
        /** q, k, v and out of self- and cross-attention. */
        ATTENTION,
        /** Both layers of a feed-forward block. */
        FEED_FORWARD,
        /** proj_in and proj_out of a transformer. */
        PROJECTIONS,
        /** Convolutions of residual blocks, their shortcuts and time projections. */
        RESNETS,
        /** Convolutions that halve or double the picture. */
        SAMPLERS,
        /** The time embedding, and the text and size embedding of SDXL. */
        TIME_EMBEDDING,
        /** First and last convolution, and whatever no other group names. */
        OTHER,
        /** Group and layer norms, whose weights and biases are trained as they are. */
        NORMS,
        /** No layer's: as a target it means the biases of the layers that other targets name; alone, of all layers. */
        BIASES
    }

    /** The shape of the weight as the file has it. */
    public long[] shape() {
        return switch (kind) {
            case LINEAR -> new long[] {outputs, inputs};
            case PROJECTION_1X1, CONVOLUTION -> new long[] {outputs, inputs, kernel, kernel};
            case NORM -> new long[] {outputs};
        };
    }

    /** The shape of the weight as the kernel takes it. */
    public long[] computedShape() {
        return kind == Kind.PROJECTION_1X1 ? new long[] {outputs, inputs} : shape();
    }

    /** Whether it sees the time alone: a row for each picture, whatever its size. */
    public boolean seesTimeAlone() {
        return group == Group.TIME_EMBEDDING || group == Group.RESNETS && kind == Kind.LINEAR;
    }

    /** Whether the kernel computes it as a linear layer. */
    public boolean computedAsLinear() {
        return kind != Kind.CONVOLUTION;
    }
}
