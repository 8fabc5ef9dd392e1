package atelier.inference.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.image.PixelPlanes;
import atelier.common.image.Resample;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.vae.TiledAutoencoder;
import atelier.inference.picture.PictureFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tiles against the whole, on the bundled autoencoder and a picture that it was made for. */
class TiledAutoencoderTest {
    private static final int SIDE = 256;
    private static final int LATENTS = SIDE / 8;

    @Test
    void tilesGiveThePictureWithinAStatedBound() throws IOException {
        float[] picture =
                PixelPlanes.of(Resample.to(PictureFile.read(Path.of("../datasets/demo/images/1F435.png")), SIDE, SIDE));
        try (StableDiffusion model = StableDiffusion.open(
                        Path.of("../checkpoints/base"), TinyModel.kernels(), Precision.FP32, Use.INFERENCE);
                NDManager scope = TinyModel.kernels().manager().newSubManager()) {
            TiledAutoencoder tiled = new TiledAutoencoder(model.autoencoder(), 128);
            float[] noise = new float[4 * LATENTS * LATENTS];
            NDArray pixels = StableDiffusion.array(scope, picture, 1, 3, SIDE, SIDE);
            NDArray none = StableDiffusion.array(scope, noise, 1, 4, LATENTS, LATENTS);
            float[] latents = model.autoencoder().encode(scope, pixels, none).toFloatArray();
            // Of the values' standard deviation; measured 0.057 for latents and 0.029 for pixels.
            assertThat(deviation(tiled.encode(scope, picture, noise, LATENTS, LATENTS), latents))
                    .isLessThan(0.1);
            NDArray array = StableDiffusion.array(scope, latents, 1, 4, LATENTS, LATENTS);
            float[] whole = model.autoencoder().decode(scope, array).toFloatArray();
            assertThat(deviation(tiled.decode(scope, latents, LATENTS, LATENTS), whole))
                    .isLessThan(0.05);
            float[] one = new TiledAutoencoder(model.autoencoder(), SIDE).decode(scope, latents, LATENTS, LATENTS);
            assertThat(one).isEqualTo(whole);
        }
    }

    @Test
    void aTileThatIsTooSmallIsRefused() throws IOException {
        try (StableDiffusion model = StableDiffusion.open(
                Path.of("../checkpoints/base"), TinyModel.kernels(), Precision.FP32, Use.INFERENCE)) {
            assertThatThrownBy(() -> new TiledAutoencoder(model.autoencoder(), 16))
                    .hasMessageContaining("vae_tile must be at least 32, got 16");
        }
    }

    /** Root mean square of the difference over that of the expected values around their mean. */
    private static double deviation(float[] values, float[] expected) {
        double mean = 0;
        for (float value : expected) {
            mean += value / expected.length;
        }
        double difference = 0;
        double spread = 0;
        for (int i = 0; i < values.length; i++) {
            difference += (values[i] - expected[i]) * (values[i] - expected[i]);
            spread += (expected[i] - mean) * (expected[i] - mean);
        }
        return Math.sqrt(difference / spread);
    }
}
