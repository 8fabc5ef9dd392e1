package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.weights.safetensors.TensorView;

/** First values of what is trained. */
final class Starts {
    private Starts() {}

    static TensorView zeros(long... shape) {
        return TensorView.ofFloats(new float[size(shape)], shape);
    }

    static TensorView normal(TorchRandom random, double deviation, long... shape) {
        float[] values = random.normal(size(shape));
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) deviation;
        }
        return TensorView.ofFloats(values, shape);
    }

    /** Uniform in +-1 / sqrt(fan in), PyTorch's start of a linear layer: the fan is all but the first dimension. */
    static TensorView uniform(TorchRandom random, long... shape) {
        int size = size(shape);
        float[] values = random.uniform(size);
        float bound = (float) (1 / Math.sqrt(size / (double) shape[0]));
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * values[i] - 1) * bound;
        }
        return TensorView.ofFloats(values, shape);
    }

    private static int size(long... shape) {
        long size = 1;
        for (long side : shape) {
            size *= side;
        }
        return Math.toIntExact(size);
    }
}
