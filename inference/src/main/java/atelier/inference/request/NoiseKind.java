package atelier.inference.request;

import atelier.diffusion.noise.PhiloxRandom;
import atelier.diffusion.noise.RandomSource;
import atelier.diffusion.noise.TorchRandom;

/** Whose random numbers a seed stands for. */
public enum NoiseKind {
    /** PyTorch's on the CPU: what diffusers' users get from {@code torch.Generator().manual_seed(seed)}. */
    TORCH,
    /** PyTorch's on an NVIDIA GPU, computed here on any device: what most web interfaces' users get. */
    CUDA;

    /** A stream of its own. */
    public RandomSource source(long seed) {
        return switch (this) {
            case TORCH -> new TorchRandom(seed);
            case CUDA -> new PhiloxRandom(seed);
        };
    }
}
