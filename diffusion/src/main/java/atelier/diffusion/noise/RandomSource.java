package atelier.diffusion.noise;

/** A stream of standard normal noise that is a function of its seed alone. */
public interface RandomSource {
    /** The next {@code count} values of N(0, 1), as one call of {@code torch.randn} with so many elements gives them. */
    float[] normal(int count);
}
