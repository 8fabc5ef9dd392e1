package atelier.diffusion.vae;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.name.Component;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AutoencoderGoldenTest {
    private static final LoadOptions FP32 = new LoadOptions(Precision.FP32, Use.INFERENCE);

    @ParameterizedTest
    @ValueSource(strings = {"sd1", "sd2", "odd", "sdxl"})
    void encodesAndDecodesAsDiffusersDoes(String model) {
        Golden golden = Golden.file("networks/" + model + "-vae");
        try (Autoencoder vae = Autoencoder.load(CPU, Golden.model(model).component(Component.VAE), FP32);
                NDManager scope = CPU.manager().newSubManager()) {
            NDArray image = golden.array(scope, "in.image");
            NDList moments = vae.moments(scope, image);
            assertThat(Golden.relativeError(moments.get(0).toFloatArray(), golden.floats("out.mean")))
                    .isLessThan(1e-4);
            assertThat(Golden.relativeError(moments.get(1).toFloatArray(), golden.floats("out.logvar")))
                    .isLessThan(1e-4);
            float scale = (float) vae.config().scalingFactor();
            float[] sampled =
                    vae.encode(scope, image, golden.array(scope, "in.noise")).toFloatArray();
            for (int i = 0; i < sampled.length; i++) {
                sampled[i] /= scale;
            }
            assertThat(Golden.relativeError(sampled, golden.floats("out.sampled")))
                    .isLessThan(1e-4);
            NDArray latents = golden.array(scope, "in.latents").mul(scale);
            assertThat(Golden.relativeError(vae.decode(scope, latents).toFloatArray(), golden.floats("out.image")))
                    .isLessThan(1e-4);
        }
    }
}
